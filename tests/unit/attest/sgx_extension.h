// SPDX-License-Identifier: MIT
//
// The SGX extension of a PCK certificate, in DER, with its items in any order.
#pragma once

#include <openssl/asn1.h>
#include <stdbool.h>
#include <stdint.h>

enum { EXTENSION_ITEMS = 7 };
struct extension_shape {
    uint8_t component[16];
    uint16_t pcesvn;
    const char *order;    // numbers of the items, as "1234567"; what is missing there is left out
    bool tcb_backwards;   // within the TCB
    uint8_t boolean_true; // 0xff in DER
};
// Free with ASN1_OCTET_STRING_free.
ASN1_OCTET_STRING *extension_make(const struct extension_shape *shape);
extern const uint8_t extension_fmspc[6];
