// SPDX-License-Identifier: MIT
//
// How collateral travels from the host to the verifier in the enclave (HOST_CALL_COLLATERAL, and /dev/attestation/collateral).
// All of it is signed by the root of trust, so the host can at worst withhold it; sizes are checked anyway.
//
// Request: struct collateral_request. Answer: struct collateral_header, then the items one after the other in the
// order of enum collateral_item, item_size[i] bytes each (0 = missing). Text items are not NUL-terminated.
#pragma once

#include <stdint.h>

struct collateral_request {
    uint8_t fmspc[6];
    uint8_t ca;       // 0 processor, 1 platform: which CA issued the PCK certificate
    uint8_t tee_type; // 0 SGX, 1 TDX
};

enum collateral_item {
    COLLATERAL_TCB_INFO,         // JSON as PCS delivers it
    COLLATERAL_TCB_INFO_CHAIN,   // PEM
    COLLATERAL_QE_IDENTITY,      // JSON
    COLLATERAL_QE_IDENTITY_CHAIN, // PEM
    COLLATERAL_PCK_CRL,          // DER
    COLLATERAL_PCK_CRL_CHAIN,    // PEM
    COLLATERAL_ROOT_CA_CRL,      // DER
    COLLATERAL_ITEMS
};

#define COLLATERAL_VERSION 1u
#define COLLATERAL_MAX_SIZE 0x40000u
struct collateral_header {
    uint32_t version;
    uint32_t item_size[COLLATERAL_ITEMS];
};
