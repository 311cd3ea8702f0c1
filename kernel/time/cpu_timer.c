// SPDX-License-Identifier: MIT
#include "kernel/time/cpu_timer.h"

#include "kernel/boot/config.h"
#include "kernel/time/time.h"

#define TICK_NS 1000000ul

static uint64_t used(const struct cpu_timer *t)
{
    uint64_t ns = 0;
    (void)processor_time(t->clock, &ns); // who is gone uses no more
    return ns;
}

static int look_later(struct cpu_timer *t, uint64_t now)
{
    unsigned processors = !t->clock.tid && boot_get()->cpu_count ? boot_get()->cpu_count : 1;
    uint64_t wait = t->expires > now ? (t->expires - now) / processors : 0;
    return timer_arm(&t->timer, clock_monotonic_ns() + (wait > TICK_NS ? wait : TICK_NS));
}

static void look(struct timer *timer)
{
    struct cpu_timer *t = (struct cpu_timer *)timer;
    uint64_t now = used(t);
    if (now >= t->expires) {
        t->set = t->interval_ns;
        if (t->set)
            t->expires += ((now - t->expires) / t->interval_ns + 1) * t->interval_ns;
        t->fire(t);
    }
    if (t->set)
        (void)look_later(t, now); // the timer thread runs
}

int cpu_timer_set(struct cpu_timer *t, bool absolute, const struct interval_setting *s)
{
    uint64_t now = used(t);
    timer_disarm(&t->timer);
    t->timer.clock = TIMER_MONOTONIC;
    t->timer.fire = look;
    t->interval_ns = s->interval_ns;
    t->set = s->value_ns;
    t->expires = absolute ? s->value_ns : now + s->value_ns;
    return t->set ? look_later(t, now) : 0;
}

void cpu_timer_get(const struct cpu_timer *t, struct interval_setting *ret)
{
    *ret = (struct interval_setting){.interval_ns = t->interval_ns};
    uint64_t now = t->set ? used(t) : 0;
    if (t->set)
        ret->value_ns = t->expires > now ? t->expires - now : 1;
}
