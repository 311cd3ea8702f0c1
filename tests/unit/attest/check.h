// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <myst/attest.h>

#include "tests/unit/check.h"

// Runs a check with its verdict, and shows that when the result is another one.
#define CHECK_RESULT(verdict, wanted)                                                                        \
    do {                                                                                                     \
        if ((verdict).result != (wanted)) {                                                                  \
            fprintf(stderr, "%s:%d: %s instead of %s (%s)\n", __FILE__, __LINE__,                            \
                    attest_result_name((verdict).result), attest_result_name(wanted), (verdict).reason);     \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

enum { SKIPPED = 77 };
#define ACCEPT_ANY_TCB (ATTEST_TCB_BIT(ATTEST_TCB_STATUSES) - 1)
