// SPDX-License-Identifier: MIT
//
// X.509 certificates from outside: strict decoding, so that no byte of them can change without a refusal.
#pragma once

#include <openssl/x509.h>

#include <myst/attest.h>

// One DER certificate and nothing else; NULL when it is not the one DER encoding of what it says.
X509 *certificate_parse(struct attest_bytes der);

// A concatenation of PEM certificates (or of DER ones), at most eight; white space or NULs may follow. NULL
// when anything is not proper, and when there is none. Free with certificates_free.
STACK_OF(X509) * certificates_parse(struct attest_bytes text);
// The same; certificates that are among the known ones are not decoded again but shared with them.
STACK_OF(X509) * certificates_parse_known(struct attest_bytes text, STACK_OF(X509) * known);
void certificates_free(STACK_OF(X509) * certificates);

// True unless the list's signature is over a weaker digest than SHA-256, or of a kind that does not name one (RSA-PSS).
bool crl_uses_sha2(const X509_CRL *crl);

// True for a DER CRL that is whole (not a delta) and says when it ends. *ret_crl is to be freed with X509_CRL_free.
bool crl_parse(struct attest_bytes der, X509_CRL **ret_crl);

// True when the certificate is no CA's, allows its key to sign what is not a certificate, and names no purpose (TLS servers,
// code) that is another one.
bool key_may_sign(X509 *certificate);

// True when the certificate's subject has this common name, or one that ends with " " and it.
bool common_name_is(const X509 *certificate, const char *name);
