// SPDX-License-Identifier: MIT
//
// Time as programs give and get it.
#include "kernel/syscall/timespec.h"

#include <linux/errno.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "kernel/time/interval.h"
#include "kernel/time/time.h"

#define NEVER UINT64_MAX

int timespec_from_user(const void USER *from, uint64_t *ret_ns)
{
    struct __kernel_timespec ts;
    if (GET_USER(ts, from))
        return -EFAULT;
    if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= (long)NS_PER_S)
        return -EINVAL;
    if (ts.tv_sec >= (long)(INT64_MAX / NS_PER_S))
        *ret_ns = INT64_MAX;
    else
        *ret_ns = (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
    return 0;
}

int timespec_to_user(void USER *to, uint64_t ns)
{
    const struct __kernel_timespec ts = {(int64_t)(ns / NS_PER_S), (int64_t)(ns % NS_PER_S)};
    return copy_to_user(to, &ts, sizeof(ts));
}

uint64_t deadline_after(uint64_t ns)
{
    uint64_t now = clock_monotonic_ns();
    return ns > NEVER - now ? NEVER : now + ns;
}

int deadline_at(int clock, uint64_t ns, uint64_t *ret_deadline)
{
    enum timer_clock kind;
    int r = interval_clock(clock, &kind);
    if (r)
        return r;
    uint64_t now = kind == TIMER_REALTIME ? clock_realtime_ns() : 0;
    *ret_deadline = kind == TIMER_MONOTONIC ? ns : ns <= now ? 1 : deadline_after(ns - now); // 1: past, and never "no deadline"
    return 0;
}
