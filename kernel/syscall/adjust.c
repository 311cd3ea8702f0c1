// SPDX-License-Identifier: MIT
//
// adjtimex(2), clock_adjtime(2): how well the clock keeps time may be asked. The clock is the host's, and cannot be adjusted: nothing is
// ever left of an adjustment.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/time.h>
#include <linux/timex.h>

#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/time/time.h"

enum { ERROR_MOST_US = 16000000, TOLERANCE = 500 << 16 /* parts per million, scaled */, TICK_US = 10000 };

static bool is_tick(long us)
{
    return us >= TICK_US * 9 / 10 && us <= TICK_US * 11 / 10;
}

static long answer(void USER *state)
{
    struct __kernel_timex t;
    if (GET_USER(t, state))
        return -EFAULT;
    if (t.modes && t.modes != ADJ_OFFSET_SS_READ) // adjtime(3) asks so what is left of an adjustment
        return t.modes & ADJ_TICK && capable(CAP_SYS_TIME) && !is_tick(t.tick) ? -EINVAL : -EPERM;
    uint64_t now = clock_realtime_ns();
    t = (struct __kernel_timex){
        .maxerror = ERROR_MOST_US, // nobody inside knows
        .esterror = ERROR_MOST_US,
        .status = STA_UNSYNC,
        .precision = 1,
        .tolerance = TOLERANCE,
        .tick = TICK_US,
        .time = {(long long)(now / NS_PER_S), (long long)(now % NS_PER_S / 1000)},
    };
    return PUT_USER(t, state) ? -EFAULT : TIME_ERROR; // that is "not synchronised"
}

long sys_adjtimex(void USER *state)
{
    return answer(state);
}

long sys_clock_adjtime(int clock, void USER *state)
{
    struct __kernel_timex t;
    uint64_t now;
    if (clock == CLOCK_REALTIME)
        return answer(state);
    if (GET_USER(t, state))
        return -EFAULT;
    return clock_get_ns(clock, &now) ? -EINVAL : -EOPNOTSUPP;
}
