// SPDX-License-Identifier: MIT
//
// System calls about time. Programs mostly read clocks through the vDSO and never come here.
#include <stdbool.h>

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "kernel/boot/config.h"
#include "kernel/exec/vdso.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/time/processor_time.h"
#include "kernel/time/time.h"
#include "kernel/time/timer.h"

#define NS_PER_US 1000u
#define LOOK_NS 1000000ul

long sys_clock_gettime(int clock, void USER *ts)
{
    uint64_t ns;
    int r = clock_get_ns(clock, &ns);
    vdso_refresh();
    return r ? r : timespec_to_user(ts, ns);
}

long sys_clock_getres(int clock, void USER *ts)
{
    uint64_t ns;
    int r = clock_get_ns(clock, &ns);
    if (r || !ts)
        return r;
    bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
    return timespec_to_user(ts, coarse ? 4000000 : 1);
}

long sys_gettimeofday(void USER *tv, void USER *tz)
{
    uint64_t ns = clock_realtime_ns();
    vdso_refresh();
    const int64_t value[2] = {(int64_t)(ns / NS_PER_S), (int64_t)(ns % NS_PER_S / NS_PER_US)};
    const int32_t utc[2] = {0, 0};
    if (tv && copy_to_user(tv, value, sizeof(value)))
        return -EFAULT;
    return tz ? copy_to_user(tz, utc, sizeof(utc)) : 0;
}

// The clock is the host's; nobody inside may set it.
long sys_clock_settime(int clock, const void USER *ts)
{
    struct __kernel_timespec t;
    if (clock != CLOCK_REALTIME)
        return -EINVAL;
    if (copy_from_user(&t, ts, sizeof(t)))
        return -EFAULT;
    return t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec >= (long)NS_PER_S ? -EINVAL : -EPERM;
}

long sys_settimeofday(const void USER *tv, const void USER *tz)
{
    int64_t value[2];
    int32_t zone[2];
    if ((tv && copy_from_user(value, tv, sizeof(value))) || (tz && copy_from_user(zone, tz, sizeof(zone))))
        return -EFAULT;
    if (tv && (value[0] < 0 || value[1] < 0 || value[1] >= (int64_t)(NS_PER_S / NS_PER_US)))
        return -EINVAL;
    if (!capable(CAP_SYS_TIME))
        return -EPERM;
    if (!tv) // the zone is nobody's concern
        return 0;
    return (uint64_t)value[0] < clock_monotonic_ns() / NS_PER_S ? -EINVAL : -EPERM; // before the machine started
}

long sys_time(void USER *t)
{
    int64_t seconds = (int64_t)(clock_realtime_ns() / NS_PER_S);
    vdso_refresh();
    if (t && PUT_USER(seconds, t))
        return -EFAULT;
    return seconds;
}

static long sleep_until(uint64_t deadline)
{
    struct waitq nobody = {0};
    int r = wait_event(&nobody, false, deadline);
    if (r != -ETIMEDOUT)
        return r;
    timers_look(); // what was to happen meanwhile has
    return 0;
}

static long sleep_for(uint64_t ns, void USER *remaining)
{
    uint64_t deadline = deadline_after(ns);
    long r = sleep_until(deadline);
    if (r == -EINTR && remaining) {
        uint64_t now = clock_monotonic_ns();
        if (timespec_to_user(remaining, now < deadline ? deadline - now : 0))
            return -EFAULT;
    }
    return r;
}

long sys_nanosleep(const void USER *request, void USER *remaining)
{
    uint64_t ns;
    int r = timespec_from_user(request, &ns);
    return r ? r : sleep_for(ns, remaining);
}

// Clocks that only tell the time.
static bool cannot_sleep(int clock)
{
    return clock == CLOCK_THREAD_CPUTIME_ID || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE ||
           clock == CLOCK_MONOTONIC_COARSE;
}

// Nobody says when a program has used so much: its count is looked at when that could be at the earliest.
static long sleep_on_processor(struct cpu_clock clock, bool absolute, uint64_t ns, void USER *remaining)
{
    uint64_t used = 0;
    int r = processor_time(clock, &used);
    const uint64_t until = absolute ? ns : ns > UINT64_MAX - used ? UINT64_MAX : used + ns;
    const uint64_t processors = boot_get()->cpu_count ? boot_get()->cpu_count : 1;
    while (!r && used < until) {
        uint64_t least = (until - used) / processors;
        r = (int)sleep_until(deadline_after(least > LOOK_NS ? least : LOOK_NS));
        if (processor_time(clock, &used)) // it has ended: there is nothing to wait for any more
            return 0;
    }
    if (r == -EINTR && !absolute && remaining && timespec_to_user(remaining, until > used ? until - used : 0))
        return -EFAULT;
    return r;
}

long sys_clock_nanosleep(int clock, int flags, const void USER *request, void USER *remaining)
{
    uint64_t ns, deadline;
    struct cpu_clock cpu;
    if (cannot_sleep(clock))
        return -EOPNOTSUPP;
    bool on_processor = !clock_of_processor(clock, &cpu);
    int r = on_processor ? processor_time(cpu, &ns) : deadline_at(clock, 0, &deadline);
    if (!r && on_processor && cpu.tid == current_thread()->tid)
        r = -EINVAL; // it would use none
    if (!r)
        r = timespec_from_user(request, &ns);
    if (!r && on_processor)
        return sleep_on_processor(cpu, flags & TIMER_ABSTIME, ns, remaining);
    if (r)
        return r;
    if (!(flags & TIMER_ABSTIME))
        return sleep_for(ns, remaining);
    (void)deadline_at(clock, ns, &deadline); // the clock was checked above
    return sleep_until(deadline);
}
