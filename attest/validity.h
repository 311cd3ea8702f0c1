// SPDX-License-Identifier: MIT
//
// When certificates and revocation lists hold: from one second through another, both of them included (RFC 5280, 4.1.2.5).
#pragma once

#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stdint.h>

bool validity_has_begun(const ASN1_TIME *begin, int64_t time);
bool validity_has_ended(const ASN1_TIME *end, int64_t time);
// Makes a verification include the last second, which OpenSSL does not. Its time has to be set.
void validity_include_end(X509_STORE_CTX *ctx);
