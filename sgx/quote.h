// SPDX-License-Identifier: MIT
//
// The fixed parts of a DCAP quote, version 3, ECDSA P-256. Variable parts follow `struct
// sgx_quote_signature`: u16 size and bytes of QE authentication data, u16 certification data type, u32 size,
// certification data. ECDSA numbers are big-endian.
#pragma once

#include "sgx/structures.h"

struct sgx_quote_header {
    uint16_t version;              // 3
    uint16_t attestation_key_type; // 2: ECDSA P-256
    uint32_t reserved;
    uint16_t qe_svn, pce_svn;
    uint8_t qe_vendor_id[16];
    uint8_t user_data[20]; // first 16 bytes: QE id
};
SGX_ASSERT_SIZE(struct sgx_quote_header, 48);

struct sgx_quote { // signature_size bytes follow
    struct sgx_quote_header header;
    struct sgx_report_body body;
    uint8_t signature_size[4]; // not aligned for what follows in memory: read with memcpy
};
SGX_ASSERT_OFFSET(struct sgx_quote, body, 48);
SGX_ASSERT_OFFSET(struct sgx_quote, signature_size, 432);

struct sgx_quote_signature {     // all bytes: stands at offset 436
    uint8_t signature[64];       // r, s over header and body
    uint8_t attestation_key[64]; // x, y
    uint8_t qe_report[384];
    uint8_t qe_report_signature[64];
};
SGX_ASSERT_SIZE(struct sgx_quote_signature, 576);

enum { SGX_QUOTE_SIGNATURE_OFFSET = 436, SGX_CERTIFICATION_PCK_CHAIN = 5 };
