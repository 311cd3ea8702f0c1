// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/x509.h>

#include <myst/attest.h>

// What goes into an extension of a new certificate.
struct certificate_extension {
    const char *oid;
    struct attest_bytes value;
};

// A self-signed certificate of Mystikos for the key, valid from `not_before` ("20190501000000Z") until the
// end of 2050. NULL when the crypto library fails; free with X509_free.
X509 *certificate_make(EVP_PKEY *key, const char *not_before, const struct certificate_extension *extensions,
                       size_t count);
