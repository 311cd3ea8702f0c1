// SPDX-License-Identifier: MIT
//
// Evidence made here: by the platform of the software SGX, in a home of its own.
#pragma once

#include "emu/platform.h"
#include "tests/unit/attest/check.h"

struct maker {
    char home[64];
    struct emu_platform *platform;
    struct sgx_identity identity; // of the enclave that makes quotes
    int quotes;
    uint8_t *collateral_bytes;
    struct attest_collateral collateral;
    int64_t time; // when the collateral is good
};

void maker_open(struct maker *maker);
void maker_close(struct maker *maker);

// An attest_quote_fn over a struct maker.
int maker_quote(void *arg, const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size);
