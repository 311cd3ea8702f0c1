// SPDX-License-Identifier: MIT
#include "kernel/vfs/poll.h"

#include <linux/errno.h>
#include <linux/poll.h>

#include "kernel/mm/heap.h"
#include "kernel/time/time.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll_host.h"

enum { LOOK_NS = 5000000 }; // at files that there was no room for

void poll_table_init(struct poll_table *table)
{
    table->waiters = NULL;
    table->count = table->room = table->file_count = 0;
    table->asked_for = table->queues = table->wakes = 0;
    table->known = table->host = NULL;
    table->settled = table->cut_short = table->unwatched = false;
}

void poll_wait_for(struct poll_table *table, struct waitq *q, uint32_t events)
{
    if (!table)
        return;
    if (!table->asked_for || table->asked_for & events) {
        table->queues++;
        table->wakes += __atomic_load_n(&q->wakes, __ATOMIC_SEQ_CST);
    }
    if (!table->waiters || table->settled)
        return;
    if (table->count == table->room) {
        table->unwatched = true;
        return;
    }
    struct waiter *w = &table->waiters[table->count++];
    *w = (struct waiter){0};
    waitq_add(q, w);
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

unsigned file_poll_for(struct file *f, struct poll_table *table, uint32_t wanted)
{
    if (!table)
        return file_poll(f, NULL);
    uint32_t before = table->asked_for;
    table->asked_for = wanted;
    unsigned events = file_poll(f, table);
    table->asked_for = before;
    return events;
}

static void leave_queues(struct poll_table *table)
{
    for (unsigned i = 0; i < table->count; i++)
        waitq_remove(&table->waiters[i]);
    for (unsigned i = 0; i < table->file_count; i++)
        file_give_back(table->files[i]);
}

static int sleep_once(const struct poll_table *table, uint64_t deadline_ns)
{
    uint64_t until = deadline_ns;
    if (table->unwatched) {
        uint64_t soon = clock_monotonic_ns() + LOOK_NS;
        until = soon < until ? soon : until;
    }
    const struct pollfd *files;
    unsigned count = host_set_files(table->host, &files);
    int r = waiters_sleep_files(table->waiters, table->count, files, count, until);
    return r == -ETIMEDOUT && until != deadline_ns ? 0 : r;
}

// The files of the host that one look has found are asked about before the next.
static void begin_look(struct poll_table *table, struct waiter *waiters, bool settled)
{
    struct host_set *known = table->cut_short || !table->host ? table->known : table->host;
    struct host_set *empty = known == table->host ? table->known : table->host;
    host_set_ask(known);
    host_set_clear(empty);
    poll_table_init(table);
    table->waiters = waiters;
    table->room = POLL_WAITERS;
    table->known = known;
    table->host = empty;
    table->settled = settled;
}

static int look_and_wait(struct poll_table *table, struct waiter *waiters, poll_ready *ready, void *context, uint64_t deadline_ns)
{
    for (;;) {
        begin_look(table, waiters, /* settled= */ deadline_ns == 0);
        int r = ready(table, context);
        bool ends = r || deadline_ns == 0;
        if (!ends)
            r = sleep_once(table, deadline_ns);
        leave_queues(table);
        if (ends)
            return r;
        if (r) { // what is ready by now counts more than the signal
            begin_look(table, waiters, /* settled= */ true);
            int n = ready(table, context);
            return n || r == -ETIMEDOUT ? n : r;
        }
    }
}

static void remember(struct poll_table *table, struct host_set **remembered)
{
    struct host_set *kept = table->cut_short || !table->host ? table->known : table->host;
    struct host_set *other = kept == table->host ? table->known : table->host;
    if (remembered)
        kept = __atomic_exchange_n(remembered, kept, __ATOMIC_ACQ_REL); // what another thread has left meanwhile
    host_set_free(kept);
    host_set_free(other);
}

int poll_loop(poll_ready *ready, void *context, uint64_t deadline_ns, struct host_set **remembered)
{
    struct waiter *waiters = kmalloc(POLL_WAITERS * sizeof(*waiters));
    if (!waiters)
        return -ENOMEM;
    struct poll_table table;
    poll_table_init(&table);
    table.known = remembered ? __atomic_exchange_n(remembered, NULL, __ATOMIC_ACQ_REL) : NULL;
    int r = look_and_wait(&table, waiters, ready, context, deadline_ns);
    remember(&table, remembered);
    kfree(waiters);
    return r;
}
