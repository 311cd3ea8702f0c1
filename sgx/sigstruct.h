// SPDX-License-Identifier: MIT
//
// SIGSTRUCT: an enclave's certificate by its author (SDM vol. 3D, 38.14). RSA-3072, exponent 3, PKCS#1 v1.5,
// SHA-256.
#pragma once

#include <stdint.h>

#include "sgx/structures.h"

typedef struct evp_pkey_st EVP_PKEY;

// Signs. The caller fills in what the author decides: date, vendor, miscselect, miscmask, attributes,
// attributemask, enclavehash, isvprodid, isvsvn, isvfamilyid, isvextprodid; the rest is written here. 0, or
// -EINVAL (not an RSA-3072 key with exponent 3), -EIO (library).
int sgx_sigstruct_sign(struct sgx_sigstruct *s, EVP_PKEY *key);

// Header, reserved fields and signature, as EINIT checks them first. 0, SGX_INVALID_SIG_STRUCT or
// SGX_INVALID_SIGNATURE.
int sgx_sigstruct_verify(const struct sgx_sigstruct *s);

// What stands above the digest in the block that a signature decodes to: the same for each.
enum { SGX_PADDING_SIZE = SGX_MODULUS_SIZE - SGX_HASH_SIZE };
void sgx_signature_padding(uint8_t ret[SGX_PADDING_SIZE]);

// MRSIGNER: SHA-256 of the modulus as stored.
void sgx_sigstruct_mrsigner(const struct sgx_sigstruct *s, uint8_t ret_mrsigner[SGX_HASH_SIZE]);

// A fresh key that sgx_sigstruct_sign takes. NULL when the library fails. The caller frees it with
// EVP_PKEY_free.
EVP_PKEY *sgx_sigstruct_generate_key(void);

// Today as SIGSTRUCT.DATE wants it, from seconds since 1970 (UTC).
uint32_t sgx_sigstruct_date(int64_t seconds);
