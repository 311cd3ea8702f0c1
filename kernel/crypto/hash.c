// SPDX-License-Identifier: MIT
//
// SHA-256 by nettle, which picks SHA-NI where the processor has it.
#include <nettle/sha2.h>

#include "abi/layout.h"
#include "kernel/crypto/crypto.h"

void sha256(const void *data, size_t size, uint8_t ret_digest[32])
{
    struct sha256_ctx c;
    fpu_begin();
    sha256_init(&c);
    sha256_update(&c, size, data);
    sha256_digest(&c, SHA256_DIGEST_SIZE, ret_digest);
    fpu_end();
}

void sha256_blocks(const void *blocks, size_t count, uint8_t *ret_digests)
{
    struct sha256_ctx c;
    fpu_begin();
    for (size_t i = 0; i < count; i++) {
        sha256_init(&c);
        sha256_update(&c, PAGE_SIZE, (const uint8_t *)blocks + i * PAGE_SIZE);
        sha256_digest(&c, SHA256_DIGEST_SIZE, ret_digests + i * SHA256_DIGEST_SIZE);
    }
    fpu_end();
}

// nettle's constructors select the fastest code for this processor. They ask CPUID, which the trap entry answers.
typedef void constructor(void);
extern constructor *const kernel_init_array_start[], *const kernel_init_array_end[];

void crypto_boot(void)
{
    fpu_begin();
    for (constructor *const *c = kernel_init_array_start; c < kernel_init_array_end; c++)
        (*c)();
    fpu_end();
}
