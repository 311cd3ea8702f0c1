// SPDX-License-Identifier: MIT
//
// Names of SGX result codes.
#include "sgx/result.h"

const char *sgx_result_name(int code)
{
    switch (code) {
    case SGX_SUCCESS:
        return "SUCCESS";
    case SGX_INVALID_SIG_STRUCT:
        return "INVALID_SIG_STRUCT";
    case SGX_INVALID_ATTRIBUTE:
        return "INVALID_ATTRIBUTE";
    case SGX_INVALID_MEASUREMENT:
        return "INVALID_MEASUREMENT";
    case SGX_PG_INVLD:
        return "PG_INVLD";
    case SGX_EPC_PAGE_CONFLICT:
        return "EPC_PAGE_CONFLICT";
    case SGX_INVALID_SIGNATURE:
        return "INVALID_SIGNATURE";
    case SGX_NOT_TRACKED:
        return "NOT_TRACKED";
    case SGX_CHILD_PRESENT:
        return "CHILD_PRESENT";
    case SGX_INVALID_EINITTOKEN:
        return "INVALID_EINITTOKEN";
    case SGX_PAGE_ATTRIBUTES_MISMATCH:
        return "PAGE_ATTRIBUTES_MISMATCH";
    case SGX_PAGE_NOT_MODIFIABLE:
        return "PAGE_NOT_MODIFIABLE";
    case SGX_INVALID_CPUSVN:
        return "INVALID_CPUSVN";
    case SGX_INVALID_ISVSVN:
        return "INVALID_ISVSVN";
    case SGX_INVALID_KEYNAME:
        return "INVALID_KEYNAME";
    default:
        return "unknown";
    }
}
