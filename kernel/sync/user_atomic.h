// SPDX-License-Identifier: MIT
//
// Atomic access to aligned words of the program. -EFAULT outside the program's range or when the page cannot be had;
// -EINVAL when not aligned.
#pragma once

#include <stdint.h>

int user_load32(uint64_t address, uint32_t *ret_value);
// ret_seen: the value found; the exchange happened when it equals `expected`.
int user_compare_exchange32(uint64_t address, uint32_t expected, uint32_t desired, uint32_t *ret_seen);
