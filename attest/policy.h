// SPDX-License-Identifier: MIT
#pragma once

#include <myst/attest.h>

enum { SNP_POLICY_MIGRATE_MA = 18, SNP_POLICY_DEBUG = 19 };

// Compares the verified facts of a verdict with what the relying party accepts. 0 or -EPERM.
int policy_check(const struct attest_policy *policy, int64_t time, struct attest_verdict *verdict);
