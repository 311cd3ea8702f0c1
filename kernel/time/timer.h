// SPDX-License-Identifier: MIT
//
// The enclave's timers: one queue, and one kernel thread that sleeps until the earliest of them. The thread is
// started with the first timer and belongs to no program.
//
// Rules: one mutex, taken by timers_lock, guards the queue and the state of everything built on it (interval timers,
// POSIX timers, timer descriptors). It is taken before the list of processes and before any process->lock; `fire`
// runs with it held, on the timer thread or on one that looks at what is due, so a timer that was disarmed under the lock does not
// fire any more.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/time/timer_heap.h"

enum timer_clock { TIMER_MONOTONIC, TIMER_REALTIME, TIMER_CLOCKS };

struct timer {
    struct timer_node node; // first: nodes of the queue are always one of these
    enum timer_clock clock;
    bool armed;
    void (*fire)(struct timer *t); // no longer armed; may arm itself again
};

void timers_lock(void);
void timers_unlock(void);
// Fires all that are due here and now, without the lock: for who has slept, as the timer thread may not have come to run yet.
void timers_look(void);

// The lock is held in these. expires: nanoseconds of the timer's clock. 0, or -EAGAIN when the timer thread cannot be
// started.
int timer_arm(struct timer *t, uint64_t expires);
void timer_disarm(struct timer *t); // also when not armed
// Fires it here and now when it is due: for who looks at what it changes, as the timer thread may not have come to run yet.
void timer_look(struct timer *t);
uint64_t timer_now(enum timer_clock clock);
