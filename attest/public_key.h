// SPDX-License-Identifier: MIT
//
// The forms of a public key that evidence is bound to.
#pragma once

#include <openssl/x509.h>
#include <stdbool.h>

#include <myst/attest.h>

struct public_key {
    uint8_t *spki; // DER SubjectPublicKeyInfo
    size_t spki_size;
    char *pem;       // of the same bytes
    size_t pem_size; // counts the terminating NUL: Open Enclave hashes it too
};

// False without memory, or when there is no key. Free with public_key_free.
bool public_key_of_certificate(const X509 *certificate, struct public_key *ret_key);
// Writes a key on P-256; false for every other one.
bool public_key_put_p256(const EVP_PKEY *pkey, X509_PUBKEY *ret_key);
bool public_key_of(const EVP_PKEY *key, struct public_key *ret_key);
void public_key_free(struct public_key *key);
