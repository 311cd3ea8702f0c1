// SPDX-License-Identifier: MIT
//
// Mutexes of one word. Sleepers wait in a small table of queues found by the mutex's address, so that a mutex costs nothing
// while nobody sleeps on it.
#include <stddef.h>

#include "kernel/boot/config.h"
#include "kernel/sync/sync.h"

#define QUEUES 64u
#define SPINS_BEFORE_SLEEP 64u

enum { FREE, HELD, CONTENDED };

struct mutex_waiter {
    struct waiter waiter; // first: a waiter of these queues is always one of these
    const struct mutex *mutex;
};

static struct waitq queues[QUEUES];

static struct waitq *queue_of(const struct mutex *m)
{
    uint64_t h = (uint64_t)m * 0x9e3779b97f4a7c15ul;
    return &queues[h >> 58];
}
_Static_assert(QUEUES == 64, "queue_of takes 6 bits");

static bool try_lock(struct mutex *m)
{
    uint32_t expected = FREE;
    return __atomic_compare_exchange_n(&m->value, &expected, HELD, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static bool spin_for_lock(struct mutex *m)
{
    if (boot_get()->cpu_count < 2)
        return false;
    for (unsigned i = 0; i < SPINS_BEFORE_SLEEP; i++) {
        if (__atomic_load_n(&m->value, __ATOMIC_RELAXED) == FREE && try_lock(m))
            return true;
        __builtin_ia32_pause();
    }
    return false;
}

static void lock_slowly(struct mutex *m)
{
    if (spin_for_lock(m))
        return;
    for (;;) {
        struct mutex_waiter w = {.mutex = m};
        waitq_add(queue_of(m), &w.waiter);
        bool locked = __atomic_exchange_n(&m->value, CONTENDED, __ATOMIC_ACQUIRE) == FREE;
        if (!locked)
            waiter_sleep_uninterruptible(&w.waiter);
        waitq_remove(&w.waiter);
        if (locked)
            return;
    }
}

void mutex_lock(struct mutex *m)
{
    if (!try_lock(m))
        lock_slowly(m);
}

static void wake_one(const struct mutex *m)
{
    struct waitq *q = queue_of(m);
    struct wake_batch batch = {.count = 0};
    spin_lock(&q->lock);
    for (struct waiter *w = q->first; w; w = w->next) {
        if (((struct mutex_waiter *)w)->mutex == m) {
            waiter_wake_locked(w, &batch);
            break;
        }
    }
    spin_unlock(&q->lock);
    wake_batch_flush(&batch);
}

void mutex_unlock(struct mutex *m)
{
    if (__atomic_exchange_n(&m->value, FREE, __ATOMIC_SEQ_CST) == CONTENDED)
        wake_one(m);
}
