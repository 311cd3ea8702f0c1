// SPDX-License-Identifier: MIT
//
// Random bytes: ChaCha20 with fast key erasure, keyed from RDRAND and rekeyed with fresh RDRAND output for every 64 KiB.
// The host has no part in it. A processor whose RDRAND fails stops the enclave.
#include <stdbool.h>

#include "kernel/crypto/chacha.h"
#include "kernel/crypto/crypto.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/sync/sync.h"

enum { KEY_SIZE = CHACHA_KEY_SIZE, BLOCK_SIZE = 8 * CHACHA_BLOCK_SIZE, RESEED_BYTES = 65536, RDRAND_TRIES = 64 };

static struct mutex lock;
/* guarded by lock: */
static uint8_t key[KEY_SIZE];
static uint8_t block[BLOCK_SIZE]; // unused output; what was given out is already zero
static size_t left;
static uint64_t until_reseed;

static uint64_t rdrand(void)
{
    for (int i = 0; i < RDRAND_TRIES; i++) {
        uint64_t v;
        bool good;
        __asm__ volatile("rdrand %0; setc %1" : "=r"(v), "=qm"(good) : : "cc");
        if (good)
            return v;
    }
    kernel_stop("the processor gives no random numbers (RDRAND fails)");
}

static void reseed(void)
{
    for (size_t i = 0; i < KEY_SIZE; i += 8) {
        uint64_t v, old;
        memcpy(&old, key + i, 8);
        v = old ^ rdrand();
        memcpy(key + i, &v, 8);
    }
    until_reseed = RESEED_BYTES;
}

// New output; its first bytes are the next key, so that nothing given out can be computed from the state kept.
static void refill(void)
{
    if (!until_reseed)
        reseed();
    for (uint32_t i = 0; i < BLOCK_SIZE / CHACHA_BLOCK_SIZE; i++)
        chacha20_block(key, i, block + (size_t)i * CHACHA_BLOCK_SIZE);
    memcpy(key, block, KEY_SIZE);
    memset(block, 0, KEY_SIZE);
    left = sizeof(block) - KEY_SIZE;
    until_reseed -= until_reseed < sizeof(block) ? until_reseed : sizeof(block);
}

void random_bytes(void *to, size_t size)
{
    uint8_t *t = to;
    mutex_lock(&lock);
    while (size) {
        if (!left)
            refill();
        size_t n = size < left ? size : left;
        uint8_t *from = block + sizeof(block) - left;
        memcpy(t, from, n);
        memset(from, 0, n);
        t += n, size -= n, left -= n;
    }
    mutex_unlock(&lock);
}
