// SPDX-License-Identifier: MIT
//
// What a hostile host can try here, and the answer:
// - end the timer thread's sleep early: it looks at the clock and sleeps again; nothing fires before its time.
// - end it late, or never run the thread: timers are late, which a host can always cause.
#include "kernel/time/timer.h"

#include <stddef.h>

#include "kernel/sync/sync.h"
#include "kernel/task/service.h"
#include "kernel/time/time.h"

// The host may set its real-time clock while we sleep for a time on it: look again after this long.
#define REALTIME_LOOK_NS (10 * NS_PER_S)

static struct mutex lock;
/* guarded by lock: */
static struct timer_node *queues[TIMER_CLOCKS];
static bool thread_runs;
static uint64_t sleeps_until; // what the timer thread sleeps for, or is about to (CLOCK_MONOTONIC)
/* */
static struct waitq changed; // where it sleeps

void timers_lock(void)
{
    mutex_lock(&lock);
}

void timers_unlock(void)
{
    mutex_unlock(&lock);
}

uint64_t timer_now(enum timer_clock clock)
{
    return clock == TIMER_REALTIME ? clock_realtime_ns() : clock_monotonic_ns();
}

// The earliest expiry of all queues as a CLOCK_MONOTONIC time; UINT64_MAX: none.
static uint64_t earliest(void)
{
    uint64_t first = queues[TIMER_MONOTONIC] ? queues[TIMER_MONOTONIC]->expires : UINT64_MAX;
    const struct timer_node *real = queues[TIMER_REALTIME];
    if (real) {
        uint64_t now = clock_realtime_ns(), left = real->expires > now ? real->expires - now : 0;
        uint64_t at = clock_monotonic_ns() + (left < REALTIME_LOOK_NS ? left : REALTIME_LOOK_NS);
        first = at < first ? at : first;
    }
    return first;
}

static void fire_due(enum timer_clock clock)
{
    uint64_t now = timer_now(clock); // once: timers that arm themselves again come later than this
    while (queues[clock] && queues[clock]->expires <= now) {
        struct timer *t = (struct timer *)queues[clock];
        timer_disarm(t);
        t->fire(t);
    }
}

void timers_look(void)
{
    mutex_lock(&lock);
    for (unsigned clock = 0; clock < TIMER_CLOCKS; clock++)
        fire_due(clock);
    mutex_unlock(&lock);
}

static _Noreturn void timer_thread(void)
{
    for (;;) {
        struct waiter w = {0};
        waitq_add(&changed, &w);
        mutex_lock(&lock);
        for (unsigned clock = 0; clock < TIMER_CLOCKS; clock++)
            fire_due(clock);
        uint64_t until = sleeps_until = earliest();
        mutex_unlock(&lock);
        (void)waiter_sleep(&w, until); // whatever ended it, the queues decide
        waitq_remove(&w);
    }
}

int timer_arm(struct timer *t, uint64_t expires)
{
    if (!thread_runs) {
        int r = service_start("timer", timer_thread);
        if (r)
            return r;
        thread_runs = true;
    }
    timer_disarm(t);
    t->node.expires = expires;
    queues[t->clock] = timer_heap_add(queues[t->clock], &t->node);
    t->armed = true;
    if (queues[t->clock] == &t->node && earliest() < sleeps_until)
        (void)waitq_wake(&changed, UINT32_MAX);
    return 0;
}

void timer_disarm(struct timer *t)
{
    if (!t->armed)
        return;
    queues[t->clock] = timer_heap_remove(queues[t->clock], &t->node);
    t->armed = false;
}

void timer_look(struct timer *t)
{
    if (!t->armed || t->node.expires > timer_now(t->clock))
        return;
    timer_disarm(t);
    t->fire(t);
}
