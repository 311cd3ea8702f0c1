// SPDX-License-Identifier: MIT
//
// Two pages hashed at once: a digest that is known, and for many pages what nettle says of each alone. The two lanes have
// other content and other alignments, so that one cannot pass for the other; runs of blocks are split at every place.
#include "kernel/crypto/sha256_pair.h"

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 4096, BLOCK = 64, ROUNDS = 500, SKIP = 77 };

static uint8_t next_byte(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15ul;
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return (uint8_t)(state >> 56);
}

static void expect(const uint8_t *page, uint8_t ret[SHA256_DIGEST_SIZE])
{
    struct sha256_ctx c;
    sha256_init(&c);
    sha256_update(&c, SIZE, page);
    sha256_digest(&c, SHA256_DIGEST_SIZE, ret);
}

static bool same(const uint8_t *first, const uint8_t *second)
{
    uint8_t ours[2][SHA256_DIGEST_SIZE], theirs[2][SHA256_DIGEST_SIZE];
    sha256_page_pair(first, second, ours[0]);
    expect(first, theirs[0]);
    expect(second, theirs[1]);
    return !memcmp(ours, theirs, sizeof(ours));
}

// A page of zeros: what every hash tree of an image holds.
static bool known(void)
{
    static const uint8_t zero[SIZE];
    static const uint8_t digest[SHA256_DIGEST_SIZE] = {
        0xad, 0x7f, 0xac, 0xb2, 0x58, 0x6f, 0xc6, 0xe9, 0x66, 0xc0, 0x04, 0xd7, 0xd1, 0xd1, 0x6b, 0x02,
        0x4f, 0x58, 0x05, 0xff, 0x7c, 0xb4, 0x7c, 0x7a, 0x85, 0xda, 0xbd, 0x8b, 0x48, 0x89, 0x2c, 0xa7,
    };
    uint8_t ours[2][SHA256_DIGEST_SIZE];
    sha256_page_pair(zero, zero, ours[0]);
    return !memcmp(ours[0], digest, sizeof(digest)) && !memcmp(ours[1], digest, sizeof(digest));
}

// One bit in each word of the page in turn, in one lane, then in the other.
static bool every_word(void)
{
    static uint8_t page[SIZE], other[SIZE];
    for (size_t i = 0; i < SIZE; i += 4) {
        page[i + i / 4 % 4] = (uint8_t)(1u << i / 4 % 8);
        if (!same(page, other) || !same(other, page))
            return false;
        page[i + i / 4 % 4] = 0;
    }
    return true;
}

static bool random_pages(void)
{
    static uint8_t bytes[2 * SIZE + 16];
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (size_t at = i % SKIP; at < sizeof(bytes); at += i < 4 ? 1 : SKIP)
            bytes[at] = next_byte();
        if (!same(bytes + i % 16, bytes + SIZE + (i * 7 + 3) % 16))
            return false;
    }
    return true;
}

// A chaining value is the same however the blocks before it were cut.
static bool cut_anywhere(void)
{
    static uint8_t page[2][SIZE];
    for (size_t i = 0; i < sizeof(page); i++)
        page[i / SIZE][i % SIZE] = next_byte();
    const size_t blocks = SIZE / BLOCK;
    struct sha256_lane whole[2] = {0};
    sha256_pair_compress(whole, page[0], page[1], blocks);
    for (size_t i = 0; i <= blocks; i++) {
        struct sha256_lane parts[2] = {0};
        sha256_pair_compress(parts, page[0], page[1], i);
        sha256_pair_compress(parts, page[0] + i * BLOCK, page[1] + i * BLOCK, blocks - i);
        if (memcmp(parts, whole, sizeof(whole)))
            return false;
    }
    return true;
}

int main(void)
{
    unsigned a = 7, b, c = 0, d;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (!(b & 1u << 29)) {
        printf("this processor has no SHA instructions\n");
        return 77;
    }
    static const struct {
        const char *what;
        bool (*passes)(void);
    } checks[] = {
        {"the digest of a page of zeros", known},
        {"a bit in each word", every_word},
        {"random pages", random_pages},
        {"runs of blocks", cut_anywhere},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        if (!checks[i].passes()) {
            printf("%s: another digest\n", checks[i].what);
            failed = 1;
        }
    return failed;
}
