// SPDX-License-Identifier: MIT
#pragma once

#include "host/device/device.h"

enum { SGX_EENTER = 2, SGX_ERESUME = 3 }; // what enter calls its function

// What a thread does after most of its exits (an enclave_exit_handler): exceptions go to the enclave and back to where they were, host
// calls that need nothing of libc are served. 0: somebody with thread-local storage has to look; nothing has been done.
unsigned sgx_after_exit(uint64_t tcs, const struct enclave_exit *exit, uint64_t *rdi, uint64_t *rsi);
