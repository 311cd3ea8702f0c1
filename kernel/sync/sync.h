// SPDX-License-Identifier: MIT
//
// Locks and waiting. spin: a few instructions, never across a host call. mutex: may be held across host calls.
// Every blocking wait goes through a waitq, so that signals and time-outs are handled in one place.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread;
struct thread_block;

struct spin { uint32_t value; };
void spin_lock(struct spin *s);
void spin_unlock(struct spin *s);

// 0 free, 1 held, 2 held and somebody sleeps. Uncontended lock and unlock are one atomic each. Not recursive.
struct mutex { uint32_t value; };
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

struct waiter;
struct waitq { struct spin lock; uint32_t wakes; struct waiter *first, *last; }; // wakes: how often waitq_wake was called, for edges

// Interruptible sleeps give up the address space's turn (kernel/mm/window.h): hold no mutex then.
//
// A thread announces itself on a queue before it tests its condition, then sleeps; a wake in between is not lost.
// Lives on the sleeper's stack; waitq_remove before it goes out of scope.
struct waiter {
    struct waiter *next, *prev; // guarded by queue->lock
    struct waitq *queue;        // stays set when woken: removal takes its lock, so a waker is done with the waiter
    struct thread *thread;
    uint32_t woken; // set with release by the waker
    bool queued;    // guarded by queue->lock
};
void waitq_add(struct waitq *q, struct waiter *w);
void waitq_remove(struct waiter *w); // idempotent
struct waitq *waiter_lock_queue(struct waiter *w); // the queue that it was put into, locked; NULL: none
// Sleeps until woken, deadline (CLOCK_MONOTONIC ns, UINT64_MAX = none) or a signal. 0, -ETIMEDOUT, -EINTR.
int waiter_sleep(struct waiter *w, uint64_t deadline_ns);
// Sleeps on several queues at once (poll): returns when any of the waiters is woken.
int waiters_sleep(struct waiter *w, unsigned count, uint64_t deadline_ns);
// The same where each waiter is the head of something larger, `size` bytes from one to the next.
int waiters_sleep_within(struct waiter *first, unsigned count, size_t size, uint64_t deadline_ns);
// As waiters_sleep, and until one of these events of the host's files (struct pollfd of <linux/poll.h>) may be there. The host is believed:
// 0 says only that looking is worth while.
struct pollfd;
int waiters_sleep_files(struct waiter *w, unsigned count, const struct pollfd *files, unsigned file_count, uint64_t deadline_ns);
// For the turn itself (kernel/mm/window.h): signals wait too. 0 or -ETIMEDOUT.
int waiter_sleep_turn(struct waiter *w, uint64_t deadline_ns);
// For threads of a stopped process: until woken or kicked. The turn is not held.
void waiter_sleep_stopped(struct waiter *w);
// Until woken, whatever else happens (mutexes, threads that wait for threads that end).
void waiter_sleep_uninterruptible(struct waiter *w);
unsigned waitq_wake(struct waitq *q, unsigned count); // how many were woken

// Waking in two steps for those who pick waiters themselves (futex, mutex): choose and mark under the queue's lock, then call the
// host without it. At most WAKE_BATCH waiters between two flushes.
#define WAKE_BATCH 16u
struct wake_batch {
    struct sleeper {
        struct thread_block *block;
        uint32_t how; // thread.sleeping
    } sleepers[WAKE_BATCH];
    unsigned count;
};
void waiter_unlink_locked(struct waiter *w);
void waiter_append_locked(struct waitq *q, struct waiter *w);
void waiter_wake_locked(struct waiter *w, struct wake_batch *batch); // unlinks, marks woken
void wake_batch_flush(struct wake_batch *batch);

// Clears the current thread's interrupt_pending; what it was. What it stood for is looked at afterwards. This is a full barrier, and a
// barrier that others wait for (kernel/task/membarrier.c) is passed by it.
bool thread_take_interrupt(struct thread *t);
extern uint32_t membarriers_wanted; // how many there have been, of all threads
// True when a signal (or the end of the process) is waiting for the current thread, whose wait then ends with -EINTR. A flag that stands
// for nothing, or for something else, is cleared. A stop is sat out here, and most system calls sleep on.
bool thread_interrupted(struct thread *t);
// Ends the sleep of a thread without waking any of its waiters: its interrupt_pending was set. false: it does not sleep.
bool thread_sleep_interrupt(struct thread *t);
// It waits for something of its program's, which /proc tells; not for a lock of the kernel, or its process's turn.
bool thread_sleeps(const struct thread *t);

// wait_event(queue, condition, deadline): the usual loop. The condition is tested again and again and must have no effect. Value 0,
// -ETIMEDOUT or -EINTR; 0 also when what was waited for came together with a signal.
#define wait_event(q, condition, deadline) ({ \
    int _r = 0; \
    while (!(condition)) { \
        struct waiter _w = {0}; \
        waitq_add((q), &_w); \
        _r = (condition) ? 0 : waiter_sleep(&_w, (deadline)); \
        waitq_remove(&_w); \
        if (_r) { \
            _r = (condition) ? 0 : _r; \
            break; \
        } \
    } \
    _r; })
