// SPDX-License-Identifier: MIT
#pragma once

#include <myst/attest.h>

// Compares the verified facts of a verdict with what the relying party accepts. 0 or -EPERM.
int policy_check(const struct attest_policy *policy, struct attest_verdict *verdict);
