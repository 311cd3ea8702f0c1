// SPDX-License-Identifier: MIT
//
// Futexes that are locks. What is inherited on Linux is the owner's priority; here the host schedules, and what remains is what programs
// can see: the kernel hands the lock over, in the order of priorities, and to a waiter when the owner ends.
//
// The word says who owns the lock, and changes under the queue's lock from its first waiter on: that one sets FUTEX_WAITERS, and then
// the program can neither lock nor unlock by itself. Each waiter knows the owner too, for the day when that thread ends: the word may
// then be mapped where the dying thread cannot reach it, and the waiter that gets the lock writes the word itself (`takes`).
//
// Who waits for a thread must be seen by it when it ends. `ends` is counted before an ending thread looks through the queues; a waiter
// whose owner was alive when `ends` had a value, and who finds the same value under the queue's lock, is found by that look.
#include "kernel/sync/futex_pi.h"

#include <stdbool.h>
#include <stddef.h>

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/sched.h>

#include "kernel/sync/futex_queue.h"
#include "kernel/sync/user_atomic.h"
#include "kernel/task/process.h"
#include "kernel/task/processes.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

// What claim_locked answers besides 0 and errors.
enum { WAIT = 1, AGAIN, ASK_OWNER };

static uint32_t waiting; // threads in or before the queues: without any, an ending thread need not look
static uint32_t ends;

// A lock that somebody wants, and what is known of its owner.
struct claim {
    struct futex_key key;
    uint64_t address;
    const struct thread *thread; // who wants it
    bool only_try;
    bool others_follow;      // FUTEX_WAITERS from the start
    uint32_t owner;          // alive when...
    uint32_t owner_alive_at; // ...`ends` had this value
    bool owner_alive;
};

static int priority_of(const struct thread *t)
{
    int policy = t->scheduling.policy;
    return policy == SCHED_FIFO || policy == SCHED_RR ? t->scheduling.priority : 0;
}

static bool has_thread(struct process *p, uint32_t tid)
{
    mutex_lock(&p->lock);
    const struct thread *t = thread_find_locked(p, (int32_t)tid);
    bool yes = t && !__atomic_load_n(&t->owns_no_futex, __ATOMIC_SEQ_CST);
    mutex_unlock(&p->lock);
    return yes;
}

static bool is_alive(uint32_t tid)
{
    if (has_thread(current_process(), tid))
        return true;
    bool found = false;
    processes_lock();
    for (struct process *p = processes_first(); p && !found; p = p->next)
        found = has_thread(p, tid);
    processes_unlock();
    return found;
}

static void ask_owner(struct claim *c)
{
    uint32_t value;
    c->owner_alive_at = __atomic_load_n(&ends, __ATOMIC_SEQ_CST);
    if (user_load32(c->address, &value))
        return; // the access under the lock says so
    c->owner = value & FUTEX_TID_MASK;
    c->owner_alive = is_alive(c->owner);
}

// The next owner: highest priority first, then who came first. NULL: nobody waits.
static struct futex_waiter *next_owner(struct waitq *q, struct futex_key key)
{
    struct futex_waiter *best = NULL;
    for (struct waiter *w = q->first; w; w = w->next)
        if (futex_waits(w, key) && (!best || futex_waiter(w)->priority > best->priority))
            best = futex_waiter(w);
    return best;
}

static bool being_taken(struct waitq *q, struct futex_key key)
{
    for (struct waiter *w = q->first; w; w = w->next)
        if (futex_waits(w, key) && futex_waiter(w)->takes)
            return true;
    return false;
}

static void owner_changes(struct waitq *q, struct futex_key key, uint32_t owner)
{
    for (struct waiter *w = q->first; w; w = w->next)
        if (futex_waits(w, key))
            futex_waiter(w)->owner = owner;
}

// The word has next's number already.
static void hand_over_locked(struct waitq *q, struct futex_waiter *next, struct wake_batch *batch)
{
    waiter_wake_locked(&next->waiter, batch);
    owner_changes(q, next->key, next->tid);
}

// 0: changed from value to desired. AGAIN: somebody else changed it.
static int change(uint64_t address, uint32_t value, uint32_t desired)
{
    uint32_t seen;
    int r = user_compare_exchange32(address, value, desired, &seen);
    return r ? r : seen == value ? 0 : AGAIN;
}

static int set_waiters(uint64_t address, uint32_t value)
{
    return value & FUTEX_WAITERS ? 0 : change(address, value, value | FUTEX_WAITERS);
}

static int take_free(struct waitq *q, const struct claim *c, uint32_t value)
{
    uint32_t tid = (uint32_t)c->thread->tid;
    int r = change(c->address, value, tid | (value & FUTEX_OWNER_DIED) | (c->others_follow ? FUTEX_WAITERS : 0));
    if (!r)
        owner_changes(q, c->key, tid);
    return r;
}

// With the owner's word as it is: may this thread wait for it? 0 or what claim_locked answers.
static int check_owner(struct waitq *q, const struct claim *c, const struct futex_waiter *other, uint32_t value)
{
    uint32_t owner = value & FUTEX_TID_MASK;
    if (other) { // who waits was sure of the owner
        bool between = being_taken(q, c->key) || (!owner && value & FUTEX_OWNER_DIED);
        return between || other->owner == owner ? 0 : -EINVAL;
    }
    if (owner != c->owner || c->owner_alive_at != __atomic_load_n(&ends, __ATOMIC_SEQ_CST))
        return ASK_OWNER;
    return c->owner_alive ? 0 : -ESRCH;
}

// 0: the lock is c->thread's. WAIT: it may be queued now. AGAIN, ASK_OWNER: without the lock, once more. Or an error.
static int claim_locked(struct waitq *q, const struct claim *c)
{
    uint32_t value;
    int r = user_load32(c->address, &value);
    if (r)
        return r;
    if ((value & FUTEX_TID_MASK) == (uint32_t)c->thread->tid)
        return -EDEADLK;
    const struct futex_waiter *other = next_owner(q, c->key);
    if (other && other->kind != FUTEX_PI)
        return -EINVAL;
    if (!other && !(value & FUTEX_TID_MASK))
        return take_free(q, c, value);
    r = check_owner(q, c, other, value);
    if (!r)
        r = set_waiters(c->address, value);
    return r ? r : c->only_try ? -EAGAIN : WAIT;
}

static uint32_t owner_to_wait_for(struct waitq *q, const struct claim *c)
{
    const struct futex_waiter *other = next_owner(q, c->key);
    return other ? other->owner : c->owner;
}

// The page is there and may be written, so that the accesses under the lock are short.
static int touch(uint64_t address)
{
    uint32_t value, seen;
    int r = futex_check_word(address, &value);
    return r ? r : user_compare_exchange32(address, value, value, &seen);
}

// Queues f (NULL: only tries) unless the lock can be had at once: 0, WAIT or an error.
static int claim(struct claim *c, struct futex_waiter *f)
{
    struct waitq *q = futex_queue(c->key);
    int r = touch(c->address);
    if (r)
        return r;
    for (;;) {
        spin_lock(&q->lock);
        r = claim_locked(q, c);
        if (r == WAIT) {
            f->owner = owner_to_wait_for(q, c);
            waiter_append_locked(q, &f->waiter);
        }
        spin_unlock(&q->lock);
        if (r == ASK_OWNER)
            ask_owner(c);
        else if (r != AGAIN)
            return r;
    }
}

// The lock of an owner that ended: the word is to say that it is ours.
static int write_word(const struct futex_waiter *f, uint64_t address)
{
    uint32_t value;
    int r;
    do {
        r = user_load32(address, &value);
        if (!r)
            r = change(address, value, f->tid | FUTEX_WAITERS | FUTEX_OWNER_DIED);
    } while (r == AGAIN);
    return r;
}

// Sleeps; out of the queue on return. 0: has the lock, whose word is at address.
static int wait_for_lock(struct futex_waiter *f, uint64_t address, uint64_t deadline)
{
    int r = waiter_sleep(&f->waiter, deadline);
    struct waitq *q = waiter_lock_queue(&f->waiter);
    // The lock may have come together with a signal or time-out: then it is ours, and somebody counts on that.
    if (f->waiter.woken)
        r = f->takes ? write_word(f, address) : 0;
    if (f->waiter.queued)
        waiter_unlink_locked(&f->waiter);
    spin_unlock(&q->lock);
    return r;
}

static struct futex_waiter waiter_new(struct futex_key key, enum futex_kind kind)
{
    struct thread *t = current_thread();
    return (struct futex_waiter){
        .waiter.thread = t,
        .key = key,
        .kind = kind,
        .tid = (uint32_t)t->tid,
        .priority = priority_of(t),
    };
}

long futex_lock_pi(struct futex_key key, uint64_t address, uint64_t deadline)
{
    struct futex_waiter f = waiter_new(key, FUTEX_PI);
    struct claim c = {.key = key, .address = address, .thread = current_thread()};
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    int r = claim(&c, &f);
    if (r == WAIT)
        r = wait_for_lock(&f, address, deadline);
    __atomic_sub_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    return r;
}

long futex_trylock_pi(struct futex_key key, uint64_t address)
{
    struct claim c = {.key = key, .address = address, .thread = current_thread(), .only_try = true};
    return claim(&c, NULL);
}

static int unlock_locked(struct waitq *q, struct futex_key key, uint64_t address, struct wake_batch *batch)
{
    uint32_t value;
    int r = user_load32(address, &value);
    if (r)
        return r;
    if ((value & FUTEX_TID_MASK) != (uint32_t)current_thread()->tid)
        return -EPERM;
    struct futex_waiter *next = next_owner(q, key);
    if (next && next->kind != FUTEX_PI)
        return -EINVAL;
    r = change(address, value, next ? next->tid | FUTEX_WAITERS : 0);
    if (!r && next)
        hand_over_locked(q, next, batch);
    return r;
}

long futex_unlock_pi(struct futex_key key, uint64_t address)
{
    uint32_t value;
    struct waitq *q = futex_queue(key);
    int r = futex_check_word(address, &value);
    if (!r && (value & FUTEX_TID_MASK) != (uint32_t)current_thread()->tid)
        r = -EPERM;
    if (!r)
        r = touch(address);
    if (r)
        return r;
    struct wake_batch batch = {.count = 0};
    do {
        spin_lock(&q->lock);
        r = unlock_locked(q, key, address, &batch);
        spin_unlock(&q->lock);
    } while (r == AGAIN);
    wake_batch_flush(&batch);
    return r;
}

long futex_wait_requeue_pi(struct futex_key key, uint64_t address, uint32_t expected, uint64_t deadline, struct futex_key lock,
                           uint64_t lock_address)
{
    struct futex_waiter f = waiter_new(key, FUTEX_PI_LATER);
    f.target = lock;
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    int r = futex_enqueue(&f, address, expected);
    if (!r)
        r = wait_for_lock(&f, lock_address, deadline);
    if (r == -EINTR && f.kind == FUTEX_PI)
        r = -EAGAIN; // starting again would wait for what has happened already
    __atomic_sub_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    return r;
}

// Who waits under key must wait for this lock.
static bool waits_to_be_moved(const struct futex_waiter *f, struct futex_key lock)
{
    return f->kind == FUTEX_PI_LATER && f->target.space == lock.space && f->target.offset == lock.offset;
}

// Moves at most `most` waiters to the lock; how many, or -EINVAL.
static int move_locked(struct waitq *from, struct futex_key key, struct waitq *to, const struct claim *c, uint32_t owner, uint32_t most)
{
    int moved = 0;
    struct waiter *last = from->last;
    for (struct waiter *w = from->first, *next; w && (uint32_t)moved < most; w = next) {
        next = w == last ? NULL : w->next; // what is moved within one queue goes behind last
        if (!futex_waits(w, key))
            continue;
        if (!waits_to_be_moved(futex_waiter(w), c->key))
            return -EINVAL;
        futex_move_locked(w, to, c->key);
        futex_waiter(w)->kind = FUTEX_PI;
        futex_waiter(w)->owner = owner;
        moved++;
    }
    return moved;
}

static int requeue_locked(struct futex_key key, uint64_t address, struct claim *c, uint32_t move, uint32_t expected,
                          struct wake_batch *batch, int *ret_count)
{
    uint32_t value;
    struct waitq *from = futex_queue(key), *to = futex_queue(c->key);
    int r = user_load32(address, &value);
    if (r || value != expected)
        return r ? r : -EAGAIN;
    struct futex_waiter *first = next_owner(from, key);
    if (!first)
        return 0;
    if (!waits_to_be_moved(first, c->key))
        return -EINVAL;
    c->thread = first->waiter.thread;
    c->others_follow = move > 0;
    r = claim_locked(to, c);
    if (r && r != WAIT)
        return r;
    uint32_t owner = r ? owner_to_wait_for(to, c) : first->tid;
    if (!r) {
        first->kind = FUTEX_PI;
        waiter_wake_locked(&first->waiter, batch);
    }
    int moved = move_locked(from, key, to, c, owner, r ? move + 1 : move);
    *ret_count = moved < 0 ? moved : moved + !r;
    return 0;
}

long futex_requeue_pi(struct futex_key key, uint64_t address, struct futex_key lock, uint64_t lock_address, uint32_t move,
                      uint32_t expected)
{
    uint32_t value;
    int count = 0, r = futex_check_word(address, &value);
    if (!r)
        r = touch(lock_address);
    if (r)
        return r;
    struct waitq *from = futex_queue(key), *to = futex_queue(lock);
    struct claim c = {.key = lock, .address = lock_address};
    struct wake_batch batch = {.count = 0};
    do {
        if (r == ASK_OWNER)
            ask_owner(&c);
        futex_lock_two(from, to);
        r = requeue_locked(key, address, &c, move, expected, &batch, &count);
        futex_unlock_two(from, to);
    } while (r == AGAIN || r == ASK_OWNER);
    wake_batch_flush(&batch);
    return r ? r : count;
}

static int died_locked(struct waitq *q, const struct thread *t, struct futex_key key, uint64_t address, struct wake_batch *batch)
{
    uint32_t value;
    int r = user_load32(address, &value);
    if (r || (value & FUTEX_TID_MASK) != (uint32_t)t->tid)
        return r;
    struct futex_waiter *next = next_owner(q, key);
    if (next && next->kind != FUTEX_PI)
        next = NULL;
    r = change(address, value, FUTEX_OWNER_DIED | (next ? next->tid | FUTEX_WAITERS : value & FUTEX_WAITERS));
    if (!r && next)
        hand_over_locked(q, next, batch);
    return r;
}

void futex_pi_owner_died(const struct thread *t, struct futex_key key, uint64_t address)
{
    struct waitq *q = futex_queue(key);
    struct wake_batch batch = {.count = 0};
    if (touch(address))
        return;
    int r;
    do {
        spin_lock(&q->lock);
        r = died_locked(q, t, key, address, &batch);
        spin_unlock(&q->lock);
    } while (r == AGAIN);
    wake_batch_flush(&batch);
}

static struct futex_waiter *waits_for_thread(struct waitq *q, uint32_t tid)
{
    for (struct waiter *w = q->first; w; w = w->next)
        if (futex_waiter(w)->kind == FUTEX_PI && futex_waiter(w)->owner == tid)
            return futex_waiter(w);
    return NULL;
}

// Woken, and in the queue nevertheless until it has written the word: others see that the lock has an owner.
static void let_take_locked(struct waitq *q, struct futex_waiter *next, struct wake_batch *batch)
{
    next->takes = true;
    waiter_wake_locked(&next->waiter, batch);
    waiter_append_locked(q, &next->waiter);
    owner_changes(q, next->key, next->tid);
}

void futex_pi_end(struct thread *t)
{
    __atomic_store_n(&t->owns_no_futex, true, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&ends, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&waiting, __ATOMIC_SEQ_CST))
        return;
    for (unsigned i = 0; i < FUTEX_QUEUES; i++) {
        struct waitq *q = futex_queue_at(i);
        struct futex_waiter *f;
        do {
            struct wake_batch batch = {.count = 0};
            spin_lock(&q->lock);
            while ((f = waits_for_thread(q, (uint32_t)t->tid)) && batch.count < WAKE_BATCH)
                let_take_locked(q, next_owner(q, f->key), &batch);
            spin_unlock(&q->lock);
            wake_batch_flush(&batch);
        } while (f);
    }
}

void futex_pi_begin(struct thread *t)
{
    __atomic_store_n(&t->owns_no_futex, false, __ATOMIC_SEQ_CST);
}
