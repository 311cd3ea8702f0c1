// SPDX-License-Identifier: MIT
//
// Waiting for one of several futexes: futex_waitv(2).
#include <linux/errno.h>

#include "kernel/mm/heap.h"
#include "kernel/sync/futex.h"
#include "kernel/sync/futex_queue.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"

static int enqueue_all(struct futex_waiter *f, const struct futex_wait *words, unsigned count)
{
    int r = 0;
    for (unsigned i = 0; !r && i < count; i++) {
        f[i] = (struct futex_waiter){.waiter.thread = current_thread(), .key = words[i].key, .bitset = FUTEX_ANY};
        r = futex_enqueue(&f[i], words[i].address, words[i].expected);
    }
    return r;
}

// The last that was woken, as Linux says it; -1: none.
static long dequeue_all(struct futex_waiter *f, unsigned count)
{
    long woken = -1;
    for (unsigned i = 0; i < count; i++) {
        waitq_remove(&f[i].waiter);
        woken = f[i].waiter.woken ? (long)i : woken;
    }
    return woken;
}

long futex_wait_any(const struct futex_wait *words, unsigned count, uint64_t deadline)
{
    struct futex_waiter *f = kzalloc(count * sizeof(*f));
    if (!f)
        return -ENOMEM;
    int r = enqueue_all(f, words, count);
    if (!r)
        r = waiters_sleep_within(&f->waiter, count, sizeof(*f), deadline);
    long woken = dequeue_all(f, count);
    kfree(f);
    return woken >= 0 ? woken : r;
}
