// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/collateral.h"
#include "emu/platform.h"
#include "tests/unit/check.h"

enum { QUOTE_MAX = 16384 };

// A report of some enclave for the platform's quoting enclave.
void make_report(struct emu_platform *p, uint8_t fill, struct sgx_report *ret);

// The certificates of a PEM text, in its order. Returns how many.
unsigned read_chain(const void *text, size_t size, X509 **ret, unsigned max);

// Does raw r, s hold over data by the certificate's (or a raw point's) key?
bool signature_holds(EVP_PKEY *key, const void *data, size_t size, const uint8_t signature[64]);
EVP_PKEY *point_key(const uint8_t point[64]);

// Verifies leaf, issuers to the test root at the end of the chain, with the CRLs where given.
bool chain_holds(X509 *const *chain, unsigned count, X509_CRL *const *crls, unsigned crl_count);

// Every signature and binding of a quote; the PCK leaf's SGX extension.
void check_quote(const uint8_t *quote, size_t size, const struct sgx_report *report);
void check_collateral(const uint8_t *collateral, size_t size, const uint8_t *quote);

// Our own verifier: up to date under the test root, and refused where that is not accepted.
void check_verdict(const uint8_t *quote, size_t size, const uint8_t *collateral, size_t collateral_size);
