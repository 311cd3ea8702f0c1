// SPDX-License-Identifier: MIT
//
// What SGX leaves answer in RAX (SDM vol. 3D, table 38-4). Positive, so that they fit beside negative errno.
#pragma once

enum sgx_result {
    SGX_SUCCESS = 0,
    SGX_INVALID_SIG_STRUCT = 1,
    SGX_INVALID_ATTRIBUTE = 2,
    SGX_INVALID_MEASUREMENT = 4,
    SGX_PG_INVLD = 6,
    SGX_EPC_PAGE_CONFLICT = 7,
    SGX_INVALID_SIGNATURE = 8,
    SGX_NOT_TRACKED = 11,
    SGX_CHILD_PRESENT = 13,
    SGX_INVALID_EINITTOKEN = 16,
    SGX_PAGE_ATTRIBUTES_MISMATCH = 19,
    SGX_PAGE_NOT_MODIFIABLE = 20,
    SGX_INVALID_CPUSVN = 32,
    SGX_INVALID_ISVSVN = 64,
    SGX_INVALID_KEYNAME = 256,
};

// The manual's name of a code, "unknown" for others. Never NULL.
const char *sgx_result_name(int code);
