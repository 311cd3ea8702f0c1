// SPDX-License-Identifier: MIT
//
// TCB info and QE identity: JSON objects of the form {"<name>": {...}, "signature": "<hex>"}, where the
// signature covers the inner object's bytes exactly as they were delivered.
#pragma once

#include <jansson.h>

#include <myst/attest.h>

struct signed_json {
    struct attest_bytes body; // the signed bytes, in the input
    uint8_t signature[64];
    json_t *value; // parsed from `body`, and from nothing else; free with json_decref
};

// False when the text does not have exactly this form.
bool signed_json_parse(struct attest_bytes text, const char *name, struct signed_json *ret_json);

// Members of an object. All false when the member is missing, of another type or out of range.
bool json_member_unsigned(const json_t *object, const char *key, uint32_t max, uint32_t *ret_value);
bool json_member_hex(const json_t *object, const char *key, uint8_t *ret_bytes, size_t size);
// Exactly `size` bytes in hexadecimal digits of either case.
bool hex_decode(const char *text, size_t length, uint8_t *ret_bytes, size_t size);
// RFC 3339 in UTC with whole seconds ("2025-06-19T10:56:11Z"), as seconds since 1970.
bool json_member_time(const json_t *object, const char *key, int64_t *ret_time);
