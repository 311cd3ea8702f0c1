// SPDX-License-Identifier: MIT
#include "kernel/vfs/poll.h"

#include <linux/errno.h>
#include <linux/poll.h>

#include "kernel/mm/heap.h"
#include "kernel/time/time.h"
#include "kernel/vfs/open_file.h"

// For files whose changes only the host knows: soon at first, for an answer that is on its way, then less often.
enum { LOOK_FIRST_NS = 100000, LOOK_LAST_NS = 5000000 };

void poll_wait_for(struct poll_table *table, struct waitq *q, uint32_t events)
{
    if (!table)
        return;
    if (!table->edges_of || table->edges_of & events) {
        table->queues++;
        table->wakes += __atomic_load_n(&q->wakes, __ATOMIC_SEQ_CST);
    }
    if (!table->waiters)
        return;
    if (table->count == table->room) {
        table->unwatched = true;
        return;
    }
    waitq_add(q, &table->waiters[table->count++]);
}

void poll_wait(struct poll_table *table, struct waitq *q)
{
    poll_wait_for(table, q, ~0u);
}

unsigned file_poll(struct file *f, struct poll_table *table)
{
    if (!f->ops->poll)
        return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
    unsigned before = table ? table->count : 0;
    unsigned events = f->ops->poll(f, table);
    if (table && table->count > before) // there are no more such files than waiters
        table->files[table->file_count++] = file_borrow(f);
    return events;
}

static void leave_queues(struct poll_table *table)
{
    for (unsigned i = 0; i < table->count; i++)
        waitq_remove(&table->waiters[i]);
    for (unsigned i = 0; i < table->file_count; i++)
        file_give_back(table->files[i]);
}

static int sleep_once(struct poll_table *table, uint64_t deadline_ns, uint64_t *look_ns)
{
    uint64_t until = deadline_ns;
    if (table->unwatched) {
        uint64_t soon = clock_monotonic_ns() + *look_ns;
        until = soon < until ? soon : until;
        *look_ns = *look_ns * 2 < LOOK_LAST_NS ? *look_ns * 2 : LOOK_LAST_NS;
    }
    int r = waiters_sleep(table->waiters, table->count, until);
    return r == -ETIMEDOUT && until != deadline_ns ? 0 : r;
}

int poll_loop(poll_ready *ready, void *context, uint64_t deadline_ns)
{
    struct waiter *waiters = kmalloc(POLL_WAITERS * sizeof(*waiters));
    if (!waiters)
        return -ENOMEM;
    uint64_t look_ns = LOOK_FIRST_NS;
    int r;
    for (;;) {
        struct poll_table table = {.waiters = waiters, .room = POLL_WAITERS};
        for (unsigned i = 0; i < POLL_WAITERS; i++)
            waiters[i] = (struct waiter){0};
        bool no_wait = deadline_ns == 0;
        r = ready(no_wait ? NULL : &table, context);
        if (r || no_wait) {
            leave_queues(&table);
            break;
        }
        r = sleep_once(&table, deadline_ns, &look_ns);
        leave_queues(&table);
        if (r) { // what is ready by now counts more than the signal
            int n = ready(NULL, context);
            r = n || r == -ETIMEDOUT ? n : r;
            break;
        }
    }
    kfree(waiters);
    return r;
}
