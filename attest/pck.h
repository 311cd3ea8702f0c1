// SPDX-License-Identifier: MIT
//
// What a PCK certificate says about its platform.
#pragma once

#include "attest/x509.h"

struct pck {
    uint8_t component[16]; // SVNs of the TCB components
    uint16_t pcesvn;
    uint8_t pceid[2];
    uint8_t fmspc[6];
    struct attest_pck more; // what certificates may leave out
};

// Reads the SGX extension; false when it is missing, or not proper.
bool pck_parse(const X509 *certificate, struct pck *ret_pck);
bool pck_issuer_is_platform_ca(const X509 *certificate);
