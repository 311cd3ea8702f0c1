// SPDX-License-Identifier: MIT
#include "kernel/time/interval.h"

#include <linux/errno.h>
#include <linux/time.h>

int interval_clock(int clock, enum timer_clock *ret_clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
        *ret_clock = TIMER_REALTIME;
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        *ret_clock = TIMER_MONOTONIC;
        return 0;
    default:
        return -EINVAL;
    }
}

static uint64_t later(uint64_t t, uint64_t ns)
{
    return ns > UINT64_MAX - 1 - t ? UINT64_MAX - 1 : t + ns;
}

int interval_set(struct interval_timer *t, enum timer_clock clock, bool absolute, const struct interval_setting *s)
{
    timer_disarm(&t->timer);
    t->resting = false;
    t->set = s->value_ns;
    t->interval_ns = s->interval_ns;
    if (!t->set)
        return 0;
    t->timer.clock = absolute ? clock : TIMER_MONOTONIC;
    return timer_arm(&t->timer, absolute ? s->value_ns : later(timer_now(t->timer.clock), s->value_ns));
}

void interval_get(const struct interval_timer *t, struct interval_setting *ret)
{
    *ret = (struct interval_setting){.interval_ns = t->interval_ns};
    if (!t->set)
        return;
    uint64_t now = timer_now(t->timer.clock), at = t->timer.node.expires;
    if (at <= now && t->interval_ns && t->resting) // as if it had gone on
        at += ((now - at) / t->interval_ns + 1) * t->interval_ns;
    ret->value_ns = at > now ? at - now : t->timer.armed ? 1 : 0; // 1: about to expire
}

void interval_expired(struct interval_timer *t)
{
    t->resting = t->interval_ns;
    t->set = t->resting;
}

uint64_t interval_resume(struct interval_timer *t)
{
    if (!t->resting)
        return 0;
    t->resting = false;
    uint64_t now = timer_now(t->timer.clock), at = t->timer.node.expires;
    uint64_t periods = now > at ? (now - at) / t->interval_ns + 1 : 1;
    (void)timer_arm(&t->timer, later(at, periods * t->interval_ns)); // the timer thread runs
    return periods;
}
