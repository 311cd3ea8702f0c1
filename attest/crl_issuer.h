// SPDX-License-Identifier: MIT
//
// The certificate chain that comes with the revocation list of platforms.
#pragma once

#include "attest/chain.h"

// The list's signature was checked with the CA of the quote's chain, so a verifier could do without this one. But what came with
// the list and is not right shows that somebody changed it. `verified` is the quote's chain, ending in `leaf`.
// -EBADMSG with the verdict's reason.
int crl_issuer_check(struct attest_bytes text, X509_CRL *crl, STACK_OF(X509) * verified, const X509 *leaf,
                     const struct trust *trust, struct attest_verdict *verdict);
