// SPDX-License-Identifier: MIT
//
// Linux's clock numbers.
#include <linux/errno.h>
#include <linux/time.h>

#include <stdbool.h>

#include "kernel/task/task.h"
#include "kernel/time/processor_time.h"
#include "kernel/time/time.h"

// Numbers that carry a process or a thread of the caller's (clock_getcpuclockid(3), pthread_getcpuclockid(3)): ~id << 3 | kind.
static int cpu_clock_of(int clock, struct cpu_clock *ret)
{
    enum { OF_THREAD = 4, KIND = 3, KINDS = 3 };
    const struct thread *t = current_thread();
    int id = ~(clock >> 3);
    bool of_thread = clock & OF_THREAD;
    *ret = (struct cpu_clock){.pid = of_thread || !id ? t->process->pid : id, .tid = !of_thread ? 0 : id ? id : t->tid};
    return (clock & KIND) < KINDS ? 0 : -EINVAL;
}

int clock_of_processor(int clock, struct cpu_clock *ret)
{
    if (clock < 0)
        return cpu_clock_of(clock, ret);
    const struct thread *t = current_thread();
    *ret = (struct cpu_clock){.pid = t->process->pid, .tid = clock == CLOCK_THREAD_CPUTIME_ID ? t->tid : 0};
    return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID ? 0 : -EINVAL;
}

int clock_get_ns(int clock, uint64_t *ret_ns)
{
    struct cpu_clock cpu;
    if (!clock_of_processor(clock, &cpu))
        return processor_time(cpu, ret_ns);
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
    default:
        return -EINVAL;
    }
}
