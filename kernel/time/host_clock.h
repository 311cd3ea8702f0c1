// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

// The host's clock (CLOCK_* of Linux) in nanoseconds; 0 when it cannot be had or answers nonsense.
uint64_t host_clock_ns(int clock);
