// SPDX-License-Identifier: MIT
//
// How a check says no.
#pragma once

#include <myst/attest.h>

// Records the failing link and a line about it. Returns what the public function shall return: -ENOMEM for
// ATTEST_INTERNAL, -EPERM for a policy's refusal, else -EBADMSG.
__attribute__((format(printf, 3, 4))) int refuse(struct attest_verdict *verdict, enum attest_result result,
                                                 const char *format, ...);

// Leaves nothing in a verdict but result and reason: what was not verified does not get out.
void forget_facts(struct attest_verdict *verdict);
