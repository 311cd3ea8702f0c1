// SPDX-License-Identifier: MIT
//
// Runs a fuzzer entry where there is no libFuzzer: driver ROUNDS FILE... changes each file in seeded random
// ways and gives the result to the entry, as it is and behind each of the first bytes that choose a target.
// Files that are not there are left out. The same arguments run the same inputs; a failure prints its round.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_SIZE = 0x10000, TARGETS = 9, MAX_CHANGES = 8 };

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t next_random(void) // xorshift64*
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1d;
}

static size_t below(size_t limit)
{
    return (size_t)(next_random() >> 11) % limit;
}

static size_t change(uint8_t *bytes, size_t size)
{
    static const uint8_t interesting[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '-', 0x30};
    if (!size)
        return size;
    const size_t at = below(size), n = 1 + below(16);
    switch (below(6)) {
    case 0:
        bytes[at] ^= (uint8_t)(1u << below(8));
        return size;
    case 1:
        bytes[at] = interesting[below(sizeof(interesting))];
        return size;
    case 2: // cut
        return below(4) ? size : at;
    case 3: // take out
        if (n > size - at)
            return size;
        memmove(bytes + at, bytes + at + n, size - at - n);
        return size - n;
    case 4: // repeat
        if (size + n > MAX_SIZE || n > size - at)
            return size;
        memmove(bytes + at + n, bytes + at, size - at);
        return size + n;
    default: // copy from elsewhere
        if (n > size - at)
            return size;
        memmove(bytes + at, bytes + below(size - n + 1), n);
        return size;
    }
}

static void run_round(const uint8_t *file, size_t size)
{
    uint8_t *bytes = malloc(MAX_SIZE + 1);
    if (!bytes)
        abort();
    memcpy(bytes + 1, file, size);
    for (size_t i = below(MAX_CHANGES); i > 0; i--)
        size = change(bytes + 1, size);
    bytes[0] = (uint8_t)below(TARGETS);
    uint8_t *exact = malloc(size + 1); // so that reading behind it is seen
    if (!exact)
        abort();
    memcpy(exact, bytes, size + 1);
    LLVMFuzzerTestOneInput(exact, size + 1);
    free(exact);
    free(bytes);
}

int main(int argc, char **argv)
{
    static uint8_t file[MAX_SIZE];
    const long rounds = argc > 1 ? atol(argv[1]) : 0;
    for (int i = 2; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f)
            continue;
        const size_t size = fread(file, 1, sizeof(file) - 1, f);
        fclose(f);
        for (long k = 0; k < rounds; k++)
            run_round(file, size);
        printf("%s: %ld rounds\n", argv[i], rounds);
    }
    return 0;
}
