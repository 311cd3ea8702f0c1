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

// Parses the collateral, verifies its chain and its signature. On success ret_json->value is the caller's.
int signer_verify(struct attest_bytes json, struct attest_bytes chain, const struct signer_role *role,
                  const struct trust *trust, struct signed_json *ret_json, struct attest_verdict *verdict);
