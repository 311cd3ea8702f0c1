// SPDX-License-Identifier: MIT
//
// SHA-256 by nettle, which picks SHA-NI where the processor has it. Pages go by two there: an image is read by runs of them.
#include <nettle/sha2.h>
#include <stdbool.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/crypto/crypto.h"
#include "kernel/crypto/sha256_pair.h"

static bool pairs; // set once at boot

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
    const uint8_t *at = blocks;
    size_t i = 0;
    fpu_begin();
    for (; pairs && i + 1 < count; i += 2)
        sha256_page_pair(at + i * PAGE_SIZE, at + (i + 1) * PAGE_SIZE, ret_digests + i * SHA256_DIGEST_SIZE);
    for (; i < count; i++) {
        sha256_init(&c);
        sha256_update(&c, PAGE_SIZE, at + i * PAGE_SIZE);
        sha256_digest(&c, SHA256_DIGEST_SIZE, ret_digests + i * SHA256_DIGEST_SIZE);
    }
    fpu_end();
}

// Whether the processor has what sha256_pair.S needs. In an enclave that is the host's word: a wrong one is slow, or an exception.
static bool has_pairs(void)
{
    enum { SSSE3 = 1u << 9, SSE4_1 = 1u << 19, SHA = 1u << 29 };
    uint32_t basic[4], extended[4];
    target_cpuid_any(1, 0, basic);
    target_cpuid_any(7, 0, extended);
    return (basic[2] & SSSE3) && (basic[2] & SSE4_1) && (extended[1] & SHA);
}

// nettle's constructors select the fastest code for this processor. They ask CPUID, which the trap entry answers.
typedef void constructor(void);
extern constructor *const kernel_init_array_start[], *const kernel_init_array_end[];

void crypto_boot(void)
{
    pairs = has_pairs();
    fpu_begin();
    for (constructor *const *c = kernel_init_array_start; c < kernel_init_array_end; c++)
        (*c)();
    fpu_end();
}
