// SPDX-License-Identifier: MIT
//
// The primitives of evidence: SHA-256, and ECDSA with big-endian numbers: P-256 (SGX, TDX: r and s, x and y,
// 32 bytes each) and P-384 with SHA-384 (SEV-SNP).
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>

#include <myst/attest.h>

// False only when the crypto library fails.
bool sha256(struct attest_bytes data, uint8_t ret_digest[32]);
// The same over two pieces.
bool sha256_two(struct attest_bytes first, struct attest_bytes second, uint8_t ret_digest[32]);

// NULL when the point is not on the curve. Free with EVP_PKEY_free.
EVP_PKEY *p256_key(const uint8_t point[64]);
bool p256_is(const EVP_PKEY *key);
// True only for a signature that verifies.
bool p256_verify(EVP_PKEY *key, const uint8_t signature[64], struct attest_bytes data);
bool p384_verify(EVP_PKEY *key, const uint8_t r[48], const uint8_t s[48], struct attest_bytes data);
