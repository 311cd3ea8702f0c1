// SPDX-License-Identifier: MIT
//
// /dev/attestation: what the kernel offers for making and checking evidence. All functions return 0 or
// negative errno.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <myst/attest.h>

// A quote over report_data, malloc'ed: an attest_quote_fn.
int device_quote(void *arg, const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size);

// The collateral of a platform as the host finds it, malloc'ed. Untrusted.
int device_collateral(const struct attest_platform *platform, uint8_t **ret_collateral, size_t *ret_size);

// Whether the enclave that we run in is a debug enclave.
int device_is_debug(bool *ret_debug);
