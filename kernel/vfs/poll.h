// SPDX-License-Identifier: MIT
//
// Waiting for several files at once.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sync/sync.h"

struct file;
struct host_set;

enum { POLL_WAITERS = 64 };
struct poll_table { // one waiter per queue that a file waits on
    struct waiter *waiters; // NULL: nobody waits, only the edges are asked for
    unsigned count, room, file_count;
    struct file *files[POLL_WAITERS]; // whose queues these are: they stay as long, whoever closes them
    uint32_t asked_for;               // events; 0: all
    struct host_set *known, *host;    // files of the host: what it said of them; those to wait for (poll_host.h)
    bool settled;                     // something is ready: nobody will wait
    bool cut_short;                   // not all files were looked at
    bool unwatched;                   // there was no room for a file's queue: look again now and then
    uint32_t queues, wakes;           // edges: how many queues announce what is asked for, and how often all of them have done so
};

// Of somebody who does not wait. The files, which are most of it and counted, stay what they are.
void poll_table_init(struct poll_table *table);

// For file_ops.poll: adds the caller to a queue. NULL table: only the state is asked.
void poll_wait(struct poll_table *table, struct waitq *q);
// For a queue that announces these events only.
void poll_wait_for(struct poll_table *table, struct waitq *q, uint32_t events);
// Events that are ready; for files without a poll operation always readable and writable.
unsigned file_poll(struct file *f, struct poll_table *table);
// The same for one who asks for these events only; others may be among those that it gives.
unsigned file_poll_for(struct file *f, struct poll_table *table, uint32_t wanted);

// Calls `ready` until it gives a positive count, a signal or the deadline comes. Count, 0 on time-out, -EINTR, -ENOMEM.
// remembered: NULL, or where to keep from one call to the next which files of the host were looked at (host_set_free in the end).
typedef int poll_ready(struct poll_table *table, void *context);
int poll_loop(poll_ready *ready, void *context, uint64_t deadline_ns, struct host_set **remembered);
