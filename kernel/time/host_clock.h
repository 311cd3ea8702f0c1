// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

// The host's clock (CLOCK_* of Linux) in nanoseconds; 0 when it cannot be had or answers nonsense.
uint64_t host_clock_ns(int clock);
// The processor time of the current thread, as a clock that other threads may read too. 0: it cannot be had.
int host_clock_of_thread(void);
