// SPDX-License-Identifier: MIT
//
// SHA-256 of two pages at once, by the SHA instructions. A round waits for the one before it, and a processor could begin
// another in the meantime: two messages take little longer than one. Needs SHA, SSSE3 and SSE4.1, and uses xmm0 to xmm15.
#pragma once

#include <stddef.h>
#include <stdint.h>

// A chaining value as the instructions have it in two registers: the words F, E, B, A and H, G, D, C.
struct sha256_lane {
    uint32_t word[8];
} __attribute__((aligned(16)));

// sha256_pair.S: takes `blocks` blocks of 64 bytes at each of the two addresses into the two lanes.
void sha256_pair_compress(struct sha256_lane lanes[2], const void *first, const void *second, size_t blocks);

// The digests of two messages of 4096 bytes, 32 bytes each, one after the other.
void sha256_page_pair(const void *first, const void *second, uint8_t *ret_digests);
