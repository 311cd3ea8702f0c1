// SPDX-License-Identifier: MIT
//
// Clocks. Time comes from the host and the TSC: it is untrusted, but monotonic for the program.
#pragma once

#include <stdint.h>

#define NS_PER_S 1000000000ul

void time_boot(void);
uint64_t clock_monotonic_ns(void);
uint64_t clock_realtime_ns(void);
uint64_t clock_realtime_lately_ns(void); // a time not long ago: seconds, while anybody asks for the time at all
// CLOCK_* of Linux; -EINVAL for unknown clocks.
int clock_get_ns(int clock, uint64_t *ret_ns);
// Is it one of processor time? 0 or -EINVAL.
struct cpu_clock; // kernel/time/processor_time.h
int clock_of_processor(int clock, struct cpu_clock *ret_clock);
// The segment of time that runs, for copies that the vDSO reads.
struct clock_page; // kernel/time/clock_page.h
void clock_page_read(struct clock_page *ret);
