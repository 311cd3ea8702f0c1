// SPDX-License-Identifier: MIT
//
// Certificates and revocation lists with the names, extensions and order of extensions that Intel's have.
#pragma once

#include <openssl/x509.h>
#include <stdint.h>

#include "emu/platform/state.h"

enum certificate_kind { CERTIFICATE_PCK_CA, CERTIFICATE_PCK, CERTIFICATE_TCB_SIGNING };

// Issues one. `sgx_extension` (DER, see pck_extension.h) only for the PCK certificate. NULL when the library
// fails. The caller frees it with X509_free.
X509 *platform_certificate_issue(enum certificate_kind kind, EVP_PKEY *subject_key, X509 *issuer, EVP_PKEY *issuer_key,
                                 const ASN1_OCTET_STRING *sgx_extension);

// 0, -EIO or -EMSGSIZE.
int platform_certificate_to_pem(X509 *certificate, struct platform_pem *ret);
X509 *platform_certificate_from_pem(const struct platform_pem *pem);

// An empty revocation list of the issuer, as DER. The caller frees *ret with OPENSSL_free. Its size or -EIO.
int platform_crl_make(X509 *issuer, EVP_PKEY *issuer_key, int64_t from, int64_t until, uint8_t **ret);
