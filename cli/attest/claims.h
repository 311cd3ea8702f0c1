// SPDX-License-Identifier: MIT
//
// Claims as a JSON object: the same for programs and, line by line, for people.
#pragma once

#include <jansson.h>

#include <myst/attest.h>

// All claims of a verdict that has any (accepted, or refused by policy only); NULL without memory.
json_t *claims_of(const struct attest_verdict *v);
// "name  value" lines; nested objects as "outer.name".
void claims_print(const json_t *claims);

// For what is only shown, unverified.
json_t *hex_of(const void *bytes, size_t size);
json_t *claims_of_enclave(const void *report_body); // 384 bytes
json_t *claims_of_trust_domain(const struct attest_tdx *td);
json_t *claims_of_guest(const struct attest_snp *snp);
