// SPDX-License-Identifier: MIT
//
// The page that the vDSO reads time from: a copy of the kernel's. Both are written by kernel/time/clock.c under a
// sequence lock:
//
//   again: s = seq (acquire); if s is odd or mult == 0: make the system call
//          d = rdtsc - tsc_base; if d (as signed) is negative: d = 0; if d >= tsc_limit: make the system call
//          monotonic = mono_base_ns + (u128)d * mult >> CLOCK_PAGE_SHIFT;  realtime = monotonic + real_offset_ns
//          if seq (after a load fence) != s: again
//
// mult == 0: the TSC is not usable. tsc_limit: past it the kernel has (or begins) another segment, which the system
// call brings.
#pragma once

#include <stdint.h>

#define CLOCK_PAGE_SHIFT 32

struct clock_page {
    uint32_t seq;
    uint32_t reserved;
    uint64_t tsc_base;
    uint64_t tsc_limit;
    uint64_t mult;
    uint64_t mono_base_ns;
    uint64_t real_offset_ns; // CLOCK_REALTIME - CLOCK_MONOTONIC
};
