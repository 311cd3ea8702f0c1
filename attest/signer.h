// SPDX-License-Identifier: MIT
//
// Signed collateral: from its bytes and its signer's chain to a verified JSON value.
#pragma once

#include "attest/chain.h"
#include "attest/signed_json.h"

// Where the results of one kind of collateral differ.
struct signer_role {
    const char *what; // for people
    const char *name; // of the JSON member
    enum attest_result malformed, chain_invalid, signature;
};

// The signer that was verified last: both kinds of collateral usually come with the same chain, byte by byte.
struct signer {
    struct attest_bytes chain;
    EVP_PKEY *key; // free with EVP_PKEY_free
};

// Parses the collateral, verifies its chain (unless it is the one of `signer`) and its signature. On success
// ret_json->value is the caller's. All calls with one signer must be with the same trust.
int signer_verify(struct attest_bytes json, struct attest_bytes chain, const struct signer_role *role,
                  const struct trust *trust, struct signer *signer, struct signed_json *ret_json,
                  struct attest_verdict *verdict);
