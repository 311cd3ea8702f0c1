// SPDX-License-Identifier: MIT
//
// What interval timers have in common (setitimer, timer_settime, timerfd_settime): a time, absolute or from now, and
// a period. After an expiry the timer rests until its owner took notice: only then is it armed for the next period,
// and what passed meanwhile is counted, so that a period nobody looks at costs nothing. timers_lock is held in all of
// these.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/time/timer.h"

struct interval_setting {
    uint64_t value_ns; // 0: disarmed
    uint64_t interval_ns; // 0: once
};

struct interval_timer {
    struct timer timer; // first
    uint64_t interval_ns;
    bool set;     // armed, or resting
    bool resting; // it has expired, and nobody has taken notice
};

// CLOCK_REALTIME and the like that timers can stand on. -EINVAL: none of ours.
int interval_clock(int clock, enum timer_clock *ret_clock);
// Only absolute times follow settings of the real-time clock, as on Linux. 0 or -EAGAIN.
int interval_set(struct interval_timer *t, enum timer_clock clock, bool absolute, const struct interval_setting *s);
void interval_get(const struct interval_timer *t, struct interval_setting *ret_setting);
// For `fire`: the timer rests, or is over.
void interval_expired(struct interval_timer *t);
// Notice was taken of a resting timer: arms it for the next period. How often it would have expired since (at least 1
// with a period, 0 without).
uint64_t interval_resume(struct interval_timer *t);
