// SPDX-License-Identifier: MIT
//
// Certificate chains to a trusted root, with revocation.
#pragma once

#include "attest/x509.h"

// What a chain is checked against.
struct trust {
    STACK_OF(X509) * roots;
    STACK_OF(X509_CRL) * crls;
    int64_t time;
};

enum chain_fault {
    CHAIN_OK,
    CHAIN_FAILURE, // of the library, not of the chain
    CHAIN_INVALID,
    CHAIN_UNTRUSTED,
    CHAIN_EXPIRED,
    CHAIN_REVOKED,
    CHAIN_CRL_INVALID,
    CHAIN_CRL_EXPIRED,
};

struct chain {
    X509 *leaf, *root;   // leaf: of `certificates`; root: of trust->roots. Borrowed.
    X509_NAME *issuer;   // of the leaf. Borrowed.
    const char *problem; // text for people, static
};

// The roots built in, and one of the caller's (may be missing). NULL when that one is not a certificate, or
// without memory. *ret_test_root, borrowed, is the published one. Of the roots built in only the one that the chain carries,
// when it carries just one: then *ret_test_root may be NULL. Free with certificates_free.
STACK_OF(X509) * trusted_roots(struct attest_bytes extra, struct attest_bytes chain, X509 **ret_test_root);

// Finds the end entity among the certificates, builds its path to a root and checks every link: names,
// signatures, validity, constraints, key usage, revocation. `length` counts the certificates of the path,
// root included; a certificate that is not of the path is a fault too, except other forms of the root.
enum chain_fault chain_verify(STACK_OF(X509) * certificates, int length, const struct trust *trust,
                              struct chain *ret_chain);
// The same for the CA that issued a revocation list: there is no end entity, and ret_chain->leaf is the CA.
enum chain_fault chain_verify_issuer(STACK_OF(X509) * certificates, X509_CRL *crl, int length,
                                     const struct trust *trust, struct chain *ret_chain);
