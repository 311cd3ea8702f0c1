// SPDX-License-Identifier: MIT
//
// Locks and waiting. spin: a few instructions, never across a host call. mutex: may be held across host calls.
// Every blocking wait goes through a waitq, so that signals and time-outs are handled in one place.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct spin { uint32_t value; };
void spin_lock(struct spin *s);
void spin_unlock(struct spin *s);

struct mutex { uint32_t value; };
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

struct waiter;
struct waitq { struct spin lock; struct waiter *first, *last; };

// A thread announces itself on a queue before it tests its condition, then sleeps; a wake in between is not lost.
struct waiter {
    struct waiter *next, *prev; // guarded by queue->lock
    struct waitq *queue;
    struct thread *thread;
    uint32_t woken; // set with release by the waker
};
void waitq_add(struct waitq *q, struct waiter *w);
void waitq_remove(struct waiter *w); // idempotent
// Sleeps until woken, deadline (CLOCK_MONOTONIC ns, UINT64_MAX = none) or a signal. 0, -ETIMEDOUT, -EINTR.
int waiter_sleep(struct waiter *w, uint64_t deadline_ns);
// Sleeps on several queues at once (poll): returns when any of the waiters is woken.
int waiters_sleep(struct waiter *w, unsigned count, uint64_t deadline_ns);
unsigned waitq_wake(struct waitq *q, unsigned count); // how many were woken

// wait_event(queue, condition, deadline): the usual loop. Value 0, -ETIMEDOUT or -EINTR.
#define wait_event(q, condition, deadline) ({ \
    int _r = 0; \
    while (!(condition)) { \
        struct waiter _w = {0}; \
        waitq_add((q), &_w); \
        _r = (condition) ? 0 : waiter_sleep(&_w, (deadline)); \
        waitq_remove(&_w); \
        if (_r) break; \
    } \
    _r; })
