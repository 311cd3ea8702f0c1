// SPDX-License-Identifier: MIT
//
// struct timespec of programs as nanoseconds.
#pragma once

#include <stdint.h>

#include "kernel/mm/user.h"

// 0, -EFAULT, -EINVAL (negative, or nanoseconds out of range). Times beyond 2^63 ns become that.
int timespec_from_user(const void USER *from, uint64_t *ret_ns);
int timespec_to_user(void USER *to, uint64_t ns);
// The CLOCK_MONOTONIC time `ns` from now; never overflows into the past.
uint64_t deadline_after(uint64_t ns);
// The CLOCK_MONOTONIC time at which `clock` will show `ns`. -EINVAL for clocks that cannot be waited for.
int deadline_at(int clock, uint64_t ns, uint64_t *ret_deadline);
