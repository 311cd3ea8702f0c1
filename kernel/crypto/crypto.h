// SPDX-License-Identifier: MIT
//
// Kernel crypto over nettle, and the vector-register brackets it runs in.
#pragma once

#include <stddef.h>
#include <stdint.h>

void crypto_boot(void);   // runs nettle's constructors (they select SHA-NI and AES-NI by CPUID)
void fpu_begin(void);     // saves the program's vector state; not nested
void fpu_end(void);
void sha256(const void *data, size_t size, uint8_t ret_digest[32]);
// SHA-256 of `count` blocks of 4096 bytes one after the other, 32 bytes each; one fpu bracket.
void sha256_blocks(const void *blocks, size_t count, uint8_t *ret_digests);
// AES-128-CMAC (RFC 4493).
void aes_cmac(const uint8_t key[16], const void *data, size_t size, uint8_t ret_mac[16]);
// Random bytes: a DRBG seeded from RDRAND (and reseeded); never from the host.
void random_bytes(void *to, size_t size);
