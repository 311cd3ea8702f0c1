// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

// The service's error code as negative errno (-EAGAIN: the attestation key is not initialised) and in words that say
// what to do. Never 0, never NULL.
int aesm_error(uint64_t code);
const char *aesm_error_text(uint64_t code);
