// SPDX-License-Identifier: MIT
//
// Certificates and revocation lists as no honest authority makes them: each with one thing that is not as it has to be.
#pragma once

#include <openssl/x509v3.h>

#include "tests/unit/attest/check.h"

struct authority {
    X509 *certificate;
    EVP_PKEY *key;
};

// Zero values stand for what is proper.
struct shape {
    const char *name;           // common name; of a TCB signer
    const char *constraints;    // X509V3 text; "" for no such extension
    const char *usage;          // likewise
    const char *extended_usage; // NULL: none
    const char *curve;          // "P-256"
    unsigned rsa_bits;          // an RSA key instead
    const EVP_MD *digest;       // SHA-256
    int64_t begin, end;         // the issuer's
    bool unknown_critical;      // an extension that nobody knows
    const ASN1_OCTET_STRING *sgx_extension;
};

// A certificate with a key of its own; issuer NULL: self-signed. Free with authority_free.
struct authority issue(const struct shape *shape, const struct authority *issuer);
void authority_free(struct authority *a);
// PEM of the certificates; malloc'ed. NULL ends the list.
char *pem_of(X509 *first, ...) __attribute__((sentinel));

struct list_shape {
    const ASN1_INTEGER *revoked;
    int64_t begin, end;             // end 0: does not say
    const EVP_MD *digest;           // SHA-256
    const char *distribution_point; // X509V3 text; NULL: none
    const ASN1_INTEGER *delta_of;   // only what is new since that number
    bool unknown_critical, entry_unknown_critical;
};
// DER; free item.data with OPENSSL_free.
struct attest_bytes issue_list(const struct list_shape *shape, const struct authority *issuer);

// r and s of an ECDSA P-256 signature over SHA-256.
void sign_raw(EVP_PKEY *key, const void *data, size_t size, uint8_t ret_signature[64]);
