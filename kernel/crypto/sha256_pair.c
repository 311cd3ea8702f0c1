// SPDX-License-Identifier: MIT
#include "kernel/crypto/sha256_pair.h"

#include "abi/layout.h"
#include "kernel/lib/klib.h"

enum { BLOCK_SIZE = 64, DIGEST_SIZE = 32, DIGEST_WORDS = 8 };

// H0 of FIPS 180-4, 5.3.3, in the order of a lane.
static const struct sha256_lane initial = {
    {0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667, 0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372},
};

// Where the words A to H are in a lane.
static const uint8_t place[DIGEST_WORDS] = {3, 2, 7, 6, 1, 0, 5, 4};

// What follows a message of one page: a bit that is set, and the length in bits.
static const uint8_t padding[BLOCK_SIZE] = {
    0x80,
    [BLOCK_SIZE - 2] = PAGE_SIZE * 8 >> 8,
};

static void digest(const struct sha256_lane *lane, uint8_t *ret)
{
    for (unsigned i = 0; i < DIGEST_WORDS; i++) {
        uint32_t big_endian = __builtin_bswap32(lane->word[place[i]]);
        memcpy(ret + i * sizeof(big_endian), &big_endian, sizeof(big_endian));
    }
}

void sha256_page_pair(const void *first, const void *second, uint8_t *ret_digests)
{
    struct sha256_lane lanes[2] = {initial, initial};
    sha256_pair_compress(lanes, first, second, PAGE_SIZE / BLOCK_SIZE);
    sha256_pair_compress(lanes, padding, padding, 1);
    digest(&lanes[0], ret_digests);
    digest(&lanes[1], ret_digests + DIGEST_SIZE);
}
