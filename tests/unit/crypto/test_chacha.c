// SPDX-License-Identifier: MIT
//
// The kernel's ChaCha20 against nettle's, for many keys.
#include "kernel/crypto/chacha.h"

#include <nettle/chacha.h>
#include <stdio.h>
#include <string.h>

enum { KEYS = 1000, BLOCKS = 8 };

static uint8_t next_byte(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15ul;
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return (uint8_t)(state >> 56);
}

static int differs(const uint8_t key[CHACHA_KEY_SIZE])
{
    static const uint8_t nonce[CHACHA_NONCE_SIZE];
    uint8_t ours[BLOCKS * CHACHA_BLOCK_SIZE], theirs[sizeof(ours)] = {0};
    struct chacha_ctx c;
    for (uint32_t i = 0; i < BLOCKS; i++)
        chacha20_block(key, i, ours + (size_t)i * CHACHA_BLOCK_SIZE);
    chacha_set_key(&c, key);
    chacha_set_nonce(&c, nonce);
    chacha_crypt(&c, sizeof(theirs), theirs, theirs);
    return memcmp(ours, theirs, sizeof(ours));
}

int main(void)
{
    uint8_t key[CHACHA_KEY_SIZE] = {0};
    for (int i = 0; i < KEYS; i++) {
        if (differs(key)) {
            printf("key %d: another key stream\n", i);
            return 1;
        }
        for (size_t k = 0; k < sizeof(key); k++)
            key[k] = next_byte();
    }
    return 0;
}
