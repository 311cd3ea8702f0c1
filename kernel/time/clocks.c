// SPDX-License-Identifier: MIT
//
// Linux's clock numbers. Processor-time clocks are the host's: it alone knows how long a thread ran.
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/time/time.h"

static int host_cpu_clock(int clock, uint64_t *ret_ns)
{
    struct __kernel_timespec ts;
    if (host_syscall(__NR_clock_gettime, (uint64_t)clock, host_bounce(), 0, 0, 0, 0) != 0)
        return -EINVAL;
    host_read(&ts, host_bounce(), sizeof(ts));
    if (ts.tv_sec < 0 || ts.tv_sec > (1l << 33) || ts.tv_nsec < 0 || ts.tv_nsec >= (long)NS_PER_S)
        return -EINVAL;
    *ret_ns = (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
    return 0;
}

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
        return host_cpu_clock(clock, ret_ns);
    default:
        return -EINVAL;
    }
}
