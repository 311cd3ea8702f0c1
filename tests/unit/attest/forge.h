// SPDX-License-Identifier: MIT
//
// Whole evidence of platforms that do not exist, under the published test root: quotes of every version and body with the
// collateral for them, so that a test can choose what no published quote shows.
#pragma once

#include "sgx/quote.h"
#include "tests/unit/attest/issue.h"

enum { FORGE_MAX_QUOTE = 0x3000 };

struct forge {
    struct authority root, ca, pck, signer;
    EVP_PKEY *attestation;
    int64_t time;
    char *pck_chain, *signer_chain;
    struct attest_collateral collateral; // TCB info and QE identity by forge_say
};

// The root's key and certificate stand in `folder`; sgx_extension goes into the PCK certificate.
void forge_open(struct forge *f, const char *folder, const ASN1_OCTET_STRING *sgx_extension);
void forge_close(struct forge *f);
// Signs what is said about platforms or quoting enclaves ("tcbInfo", "enclaveIdentity"), and makes it the collateral's.
void forge_say(struct forge *f, const char *name, const char *body);

struct form {
    uint16_t version, body_type; // since version 5 the type is told
    uint32_t tee_type, body_size;
    const void *body;
    struct sgx_report_body qe; // its report data are filled in
};
size_t forge_quote(const struct forge *f, const struct form *form, uint8_t ret_quote[FORGE_MAX_QUOTE]);
