// SPDX-License-Identifier: MIT
//
// Waiting for several files at once.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sync/sync.h"

struct file;

enum { POLL_WAITERS = 64 };
struct poll_table { // one waiter per queue that a file waits on
    struct waiter *waiters; // NULL: nobody waits, only the edges are asked for
    unsigned count, room, file_count;
    struct file *files[POLL_WAITERS]; // whose queues these are: they stay as long, whoever closes them
    bool unwatched;                   // a file could not be put on a queue (the console): look again now and then
    // Edges: how many queues announce the events asked for (0: all events), and how often all of them have done so.
    uint32_t edges_of, queues, wakes;
};

// For file_ops.poll: adds the caller to a queue. NULL table: only the state is asked.
void poll_wait(struct poll_table *table, struct waitq *q);
// For a queue that announces these events only.
void poll_wait_for(struct poll_table *table, struct waitq *q, uint32_t events);
// Events that are ready; for files without a poll operation always readable and writable.
unsigned file_poll(struct file *f, struct poll_table *table);

// Calls `ready` until it gives a positive count, a signal or the deadline comes. ready(table, context): table NULL on the last look.
typedef int poll_ready(struct poll_table *table, void *context);
int poll_loop(poll_ready *ready, void *context, uint64_t deadline_ns); // count, 0 on time-out, -EINTR, -ENOMEM
