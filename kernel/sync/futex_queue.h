// SPDX-License-Identifier: MIT
//
// Who waits for which futex: what futex.c and futex_pi.c have in common.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/mm/mm.h"
#include "kernel/sync/sync.h"

enum futex_kind {
    FUTEX_PLAIN,
    FUTEX_PI,       // waits until a lock is handed over to it
    FUTEX_PI_LATER, // FUTEX_WAIT_REQUEUE_PI: waits to be moved to the lock at `target`
};

struct futex_waiter {
    struct waiter waiter; // first: a waiter of these queues is always one of these
    /* guarded by the queue's lock: */
    struct futex_key key;
    enum futex_kind kind;
    uint32_t bitset; // FUTEX_PLAIN
    struct futex_key target;
    uint32_t tid, owner; // of FUTEX_PI: its own number, and who holds the lock
    int priority;        // real-time priority, 0: none
    bool takes;          // the owner ended: this one has the lock, and the word does not say so yet
};

// A waiter that stands in a futex queue as what it is.
static inline struct futex_waiter *futex_waiter(struct waiter *w)
{
    return (struct futex_waiter *)w;
}

#define FUTEX_QUEUES 256u
struct waitq *futex_queue(struct futex_key key); // by a hash of the key
struct waitq *futex_queue_at(unsigned index);    // all of them, index < FUTEX_QUEUES

bool futex_waits(struct waiter *w, struct futex_key key);
// Gives the waiter another key and puts it behind all of the queue `to`; both queues are locked.
void futex_move_locked(struct waiter *w, struct waitq *to, struct futex_key key);
// Queues a and b, which may be one, in the order of their addresses.
void futex_lock_two(struct waitq *a, struct waitq *b);
void futex_unlock_two(struct waitq *a, struct waitq *b);

// The word at address, which is touched so that the access under the lock finds its page. -EINVAL (not aligned), -EFAULT.
int futex_check_word(uint64_t address, uint32_t *ret_value);
// Puts the waiter into its queue if the word at address has the expected value. As above, and -EAGAIN: it has another one.
int futex_enqueue(struct futex_waiter *f, uint64_t address, uint32_t expected);
