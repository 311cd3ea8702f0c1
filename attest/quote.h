// SPDX-License-Identifier: MIT
//
// Taking a quote apart: version 3 (SGX), 4 and 5 (SGX or TDX).
#pragma once

#include <myst/attest.h>

#include "sgx/quote.h"

enum { TDX_REPORT_1_0_SIZE = 584, TDX_REPORT_1_5_SIZE = 648, QUOTE_BODY_OFFSET = 48 };

struct quote {
    struct sgx_quote_header header; // copies: the input may stand anywhere
    enum attest_tee tee;
    struct sgx_report_body body; // of an enclave; else zero
    struct attest_tdx td;        // of a trust domain; else zero
    bool has_td_1_5;             // `td` has the members of report 1.5
    struct sgx_quote_signature signature;
    struct attest_bytes signed_part; // these point into the input
    struct attest_bytes body_bytes;
    struct attest_bytes authentication_data;
    uint16_t certification_type;
    struct attest_bytes certification_data;
    size_t size; // of the quote in the input
};

// Checks every size before it uses it. Bytes may follow the quote. -EBADMSG with the verdict's reason.
int quote_parse(struct attest_bytes input, struct quote *ret_quote, struct attest_verdict *verdict);

// The 64 bytes that the enclave or trust domain had put into its report.
const uint8_t *quote_report_data(const struct quote *quote);
