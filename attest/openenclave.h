// SPDX-License-Identifier: MIT
//
// Open Enclave's two wrappings of a quote: the report (a 16-byte header) and the newer evidence (a 32-byte
// header, the quote, then custom claims).
#pragma once

#include <stdbool.h>

#include <myst/attest.h>

enum { OE_REPORT_HEADER_SIZE = 16 };

// The results point into the input. False when it is not of this form, not a remote quote, or bytes follow.
bool oe_report_parse(struct attest_bytes report, struct attest_bytes *ret_quote);
bool oe_evidence_parse(struct attest_bytes evidence, struct attest_bytes *ret_quote,
                       struct attest_bytes *ret_claims);
// True for what has such a header, but in it another kind than a remote quote: a local report, or a format that is not known.
bool oe_report_is_other(struct attest_bytes report);
bool oe_evidence_is_other(struct attest_bytes evidence);

// malloc'ed; NULL without memory.
uint8_t *oe_report_make(struct attest_bytes quote, size_t *ret_size);
