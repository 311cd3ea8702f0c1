// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/asn1.h>

struct platform_state;

// The SGX extension of a PCK certificate (Intel, "SGX PCK Certificate and CRL Profile Specification"): the value of
// 1.2.840.113741.1.13.1. NULL when the library fails. The caller frees it with ASN1_OCTET_STRING_free.
ASN1_OCTET_STRING *platform_pck_extension(const struct platform_state *s);
