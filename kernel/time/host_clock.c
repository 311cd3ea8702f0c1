// SPDX-License-Identifier: MIT
//
// Readings of the host's clocks: checked for form, believed no further.
#include "kernel/time/host_clock.h"

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/time_types.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/time/time.h"

#define SECONDS_MAX (1l << 33) // the year 2242
#define TID_MAX (1l << 22)      // Linux has no larger ones

uint64_t host_clock_ns(int clock)
{
    struct __kernel_timespec ts;
    if (host_syscall_now(__NR_clock_gettime, (uint64_t)clock, host_bounce(), 0, 0, 0, 0) != 0)
        return 0;
    host_read(&ts, host_bounce(), sizeof(ts));
    if (ts.tv_sec < 0 || ts.tv_sec > SECONDS_MAX || ts.tv_nsec < 0 || ts.tv_nsec >= (long)NS_PER_S)
        return 0;
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

// Clock numbers of threads as Linux has them: ~tid << 3, of a thread (4), time in the scheduler's count (2).
int host_clock_of_thread(void)
{
    long tid = host_syscall_now(__NR_gettid, 0, 0, 0, 0, 0, 0);
    return tid > 0 && tid <= TID_MAX ? (int)((unsigned)~tid << 3 | 6) : 0;
}
