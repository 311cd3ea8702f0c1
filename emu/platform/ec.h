// SPDX-License-Identifier: MIT
//
// EC P-256 keys as bytes, and signatures as quotes and PCS carry them.
#pragma once

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/platform/state.h"

// 0 or -EIO.
int platform_key_generate(struct platform_key *ret);

// For the library. NULL when it fails. The caller frees it with EVP_PKEY_free.
EVP_PKEY *platform_key_import(const struct platform_key *key);

// ECDSA with SHA-256: r, s big-endian. 0 or -EIO.
int platform_sign(EVP_PKEY *key, const void *data, size_t size, uint8_t ret_signature[64]);
