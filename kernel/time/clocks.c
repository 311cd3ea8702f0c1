// SPDX-License-Identifier: MIT
//
// Linux's clock numbers. Processor-time clocks are the host's: it alone knows how long a thread ran. The processor
// time of a process is that of the host process, so it is one number for all programs of an enclave; that of a thread
// is known to itself only.
#include <linux/errno.h>
#include <linux/time.h>

#include <stdbool.h>

#include "kernel/task/task.h"
#include "kernel/time/host_clock.h"
#include "kernel/time/time.h"

// Numbers that carry a process or thread (clock_getcpuclockid(3), pthread_getcpuclockid(3)): ~id << 3 | kind.
static int cpu_clock_of(int clock, int *ret_clock)
{
    enum { OF_THREAD = 4, KIND = 3, KINDS = 3 };
    const struct thread *t = current_thread();
    int id = ~(clock >> 3);
    bool of_thread = clock & OF_THREAD;
    if ((clock & KIND) >= KINDS || (id && id != (of_thread ? t->tid : t->process->pid)))
        return -EINVAL;
    *ret_clock = of_thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID;
    return 0;
}

int clock_of_processor(int clock, int *ret_clock)
{
    if (clock < 0)
        return cpu_clock_of(clock, ret_clock);
    *ret_clock = clock;
    return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID ? 0 : -EINVAL;
}

int clock_get_ns(int clock, uint64_t *ret_ns)
{
    if (clock < 0 && cpu_clock_of(clock, &clock))
        return -EINVAL;
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
