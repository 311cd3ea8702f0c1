// SPDX-License-Identifier: MIT
//
// Taking a quote, version 3, apart.
#pragma once

#include <myst/attest.h>

#include "sgx/quote.h"

struct quote {
    struct sgx_quote_header header; // copies: the input may stand anywhere
    struct sgx_report_body body;
    struct sgx_quote_signature signature;
    struct attest_bytes signed_part; // these point into the input
    struct attest_bytes authentication_data;
    uint16_t certification_type;
    struct attest_bytes certification_data;
    size_t size; // of the quote in the input
};

// Checks every size before it uses it. Bytes may follow the quote. -EBADMSG with the verdict's reason.
int quote_parse(struct attest_bytes input, struct quote *ret_quote, struct attest_verdict *verdict);
