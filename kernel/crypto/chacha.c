// SPDX-License-Identifier: MIT
#include "kernel/crypto/chacha.h"

#include "kernel/lib/klib.h"

enum { WORDS = 16, KEY_AT = 4, COUNTER_AT = 12, DOUBLE_ROUNDS = 10 };

static uint32_t rotate(uint32_t v, unsigned by)
{
    return v << by | v >> (32 - by);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
    *a += *b, *d = rotate(*d ^ *a, 16);
    *c += *d, *b = rotate(*b ^ *c, 12);
    *a += *b, *d = rotate(*d ^ *a, 8);
    *c += *d, *b = rotate(*b ^ *c, 7);
}

static void double_round(uint32_t x[WORDS])
{
    for (unsigned i = 0; i < 4; i++) // columns
        quarter(&x[i], &x[4 + i], &x[8 + i], &x[12 + i]);
    for (unsigned i = 0; i < 4; i++) // diagonals
        quarter(&x[i], &x[4 + (i + 1) % 4], &x[8 + (i + 2) % 4], &x[12 + (i + 3) % 4]);
}

void chacha20_block(const uint8_t key[CHACHA_KEY_SIZE], uint32_t counter, uint8_t ret[CHACHA_BLOCK_SIZE])
{
    uint32_t start[WORDS] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[WORDS]; // "expand 32-byte k"
    memcpy(&start[KEY_AT], key, CHACHA_KEY_SIZE);
    start[COUNTER_AT] = counter;
    memcpy(x, start, sizeof(x));
    for (unsigned i = 0; i < DOUBLE_ROUNDS; i++)
        double_round(x);
    for (unsigned i = 0; i < WORDS; i++)
        x[i] += start[i];
    memcpy(ret, x, sizeof(x));
    memset(start, 0, sizeof(start));
    memset(x, 0, sizeof(x));
    __asm__ volatile("" : : "r"(start), "r"(x) : "memory");
}
