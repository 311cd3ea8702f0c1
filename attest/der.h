// SPDX-License-Identifier: MIT
//
// Reading DER by hand, for the few structures OpenSSL does not know: one element at a time, definite and
// minimal lengths only.
#pragma once

#include <stdbool.h>

#include <myst/attest.h>

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_SEQUENCE = 0x30,
    DER_CONTEXT_0 = 0xa0,
};

// Takes the next element off `input`; false when it is not of this tag or not proper.
bool der_take(struct attest_bytes *input, enum der_tag tag, struct attest_bytes *ret_content);
// The same for a non-negative INTEGER of at most `max`.
bool der_take_unsigned(struct attest_bytes *input, uint32_t max, uint32_t *ret_value);
