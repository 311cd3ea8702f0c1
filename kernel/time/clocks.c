// SPDX-License-Identifier: MIT
//
// Linux's clock numbers. Processor-time clocks are the host's: it alone knows how long a thread ran.
#include <linux/errno.h>
#include <linux/time.h>

#include "kernel/time/host_clock.h"
#include "kernel/time/time.h"

int clock_get_ns(int clock, uint64_t *ret_ns)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        *ret_ns = clock_realtime_ns();
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        *ret_ns = clock_monotonic_ns();
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        *ret_ns = host_clock_ns(clock); // 0: a host without such a clock
        return 0;
    default:
        return -EINVAL;
    }
}
