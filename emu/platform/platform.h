// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/evp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/platform/state.h"

struct emu_platform {
    struct platform_state state; // constant
    pthread_mutex_t lock;
    // guarded by lock:
    EVP_PKEY *attestation; // loaded with the first quote
    uint8_t *collateral;   // the last that was made, in the form of abi/collateral.h
    size_t collateral_size;
    int64_t collateral_time;
};
