// SPDX-License-Identifier: MIT
//
// Wait queues: who waits for what. How a thread sleeps is sleep.c's business.
#include <stddef.h>

#include "kernel/sync/sync.h"
#include "kernel/task/task.h"

void waiter_append_locked(struct waitq *q, struct waiter *w)
{
    w->next = NULL;
    w->prev = q->last;
    if (q->last)
        q->last->next = w;
    else
        q->first = w;
    q->last = w;
    w->queued = true;
    __atomic_store_n(&w->queue, q, __ATOMIC_RELAXED);
}

void waiter_unlink_locked(struct waiter *w)
{
    struct waitq *q = w->queue;
    if (w->prev)
        w->prev->next = w->next;
    else
        q->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
    w->queued = false;
}

void waitq_add(struct waitq *q, struct waiter *w)
{
    w->thread = current_thread();
    spin_lock(&q->lock);
    waiter_append_locked(q, w);
    spin_unlock(&q->lock);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); // pairs with waitq_wake: queue before condition
}

// A futex requeue may move the waiter to another queue meanwhile: the queue that counts is the one read under its lock.
struct waitq *waiter_lock_queue(struct waiter *w)
{
    struct waitq *q;
    while ((q = __atomic_load_n(&w->queue, __ATOMIC_RELAXED))) {
        spin_lock(&q->lock);
        if (w->queue == q)
            break;
        spin_unlock(&q->lock);
    }
    return q;
}

void waitq_remove(struct waiter *w)
{
    struct waitq *q = waiter_lock_queue(w);
    if (!q)
        return;
    if (w->queued)
        waiter_unlink_locked(w);
    spin_unlock(&q->lock);
}

static unsigned queued(const struct waitq *q)
{
    unsigned n = 0;
    for (const struct waiter *w = q->first; w; w = w->next)
        n++;
    return n;
}

// Not more than wait at the start: who looks again and waits on would be woken time and again.
unsigned waitq_wake(struct waitq *q, unsigned count)
{
    __atomic_add_fetch(&q->wakes, 1, __ATOMIC_SEQ_CST); // a fence too, which pairs with waitq_add: condition before queue
    unsigned woken = 0;
    bool counted = count == 1;
    while (woken < count && __atomic_load_n(&q->first, __ATOMIC_RELAXED)) {
        struct wake_batch batch = {.count = 0};
        spin_lock(&q->lock);
        if (!counted) {
            unsigned most = queued(q);
            count = count < most ? count : most;
            counted = true;
        }
        for (; q->first && woken < count && batch.count < WAKE_BATCH; woken++)
            waiter_wake_locked(q->first, &batch);
        spin_unlock(&q->lock);
        wake_batch_flush(&batch);
    }
    return woken;
}
