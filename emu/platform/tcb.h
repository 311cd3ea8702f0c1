// SPDX-License-Identifier: MIT
//
// The security version of the software platform: what newly made platforms have, and what TCB info and QE identity
// call up to date. Platforms made before a raise become out of date, as real ones do.
#pragma once

#include <stdint.h>

enum {
    PLATFORM_TCB_COMPONENTS = 16,
    PLATFORM_PCE_SVN = 13,
    PLATFORM_QE_SVN = 8,
    PLATFORM_QE_PRODUCT = 1,
    PLATFORM_TCB_EVALUATION_NUMBER = 20,
};

extern const uint8_t platform_tcb_components[PLATFORM_TCB_COMPONENTS]; // also the CPUSVN

struct platform_state;

// The value of a signed PCS answer, {"tcbInfo":...} or {"enclaveIdentity":...}, without the signature: compact
// JSON. The caller frees it. NULL when there is no memory.
char *platform_tcb_info(int64_t issued, int64_t next_update);
char *platform_qe_identity(const struct platform_state *s, int64_t issued, int64_t next_update);
