// SPDX-License-Identifier: MIT
//
// Futexes live wholly inside: only a thread that really sleeps calls the host (sync/sleep.c).
//
// The word is compared under the queue's lock, after it was touched once without it: the second access finds the page present, save
// for a race with munmap, which only makes it slow.
#include "kernel/sync/futex.h"

#include <stdbool.h>
#include <stddef.h>

#include <linux/errno.h>
#include <linux/futex.h>

#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/sync/futex_queue.h"
#include "kernel/sync/sync.h"
#include "kernel/sync/user_atomic.h"
#include "kernel/task/task.h"

long futex_wait(struct futex_key key, uint64_t address, uint32_t expected, uint64_t deadline, uint32_t bitset)
{
    struct futex_waiter f = {
        .waiter.thread = current_thread(),
        .key = key,
        .bitset = bitset,
    };
    int r = futex_enqueue(&f, address, expected);
    if (r)
        return r;
    r = waiter_sleep(&f.waiter, deadline);
    waitq_remove(&f.waiter);
    // A wake that came together with a signal or time-out was counted by its sender: it must not be lost.
    return f.waiter.woken ? 0 : r;
}

// -EINVAL: a lock that is handed over (futex_pi.c) is not woken for.
static long wake_in(struct waitq *q, struct futex_key key, uint32_t count, uint32_t bitset)
{
    long woken = 0;
    bool more = true, wrong = false;
    while (more) {
        struct wake_batch batch = {.count = 0};
        more = false;
        spin_lock(&q->lock);
        for (struct waiter *w = q->first, *next; w && woken < (long)count; w = next) {
            next = w->next;
            if (!futex_waits(w, key))
                continue;
            wrong = futex_waiter(w)->kind != FUTEX_PLAIN;
            if (wrong)
                break;
            if (!(futex_waiter(w)->bitset & bitset))
                continue;
            if (batch.count == WAKE_BATCH) {
                more = true;
                break;
            }
            waiter_wake_locked(w, &batch);
            woken++;
        }
        spin_unlock(&q->lock);
        wake_batch_flush(&batch);
    }
    return wrong ? -EINVAL : woken;
}

long futex_wake(struct futex_key key, uint32_t count, uint32_t bitset)
{
    if (key.offset % sizeof(uint32_t))
        return -EINVAL;
    struct waitq *q = futex_queue(key);
    // The program changed its word before the call. If the lock is free now, a waiter is either in the queue already, or will
    // lock later and see the changed word; so lock first, then queue.
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&q->lock.value, __ATOMIC_ACQUIRE) && !__atomic_load_n(&q->first, __ATOMIC_RELAXED))
        return 0;
    return wake_in(q, key, count, bitset);
}

// One batch: wakes while *wake, then moves while *move. 1: come again, the batch was full. -EINVAL as in wake_in.
static int requeue_batch(struct waitq *from, struct waitq *to, const struct futex_key key[2], uint32_t *wake, uint32_t *move,
                         struct wake_batch *batch)
{
    struct waiter *last = from->last;
    for (struct waiter *w = from->first, *next; w; w = next) {
        next = w == last ? NULL : w->next; // what is moved within one queue goes behind last
        if (!futex_waits(w, key[0]))
            continue;
        if (futex_waiter(w)->kind != FUTEX_PLAIN && (*wake || *move))
            return -EINVAL;
        if (*wake) {
            if (batch->count == WAKE_BATCH)
                return 1;
            waiter_wake_locked(w, batch);
            --*wake;
        } else if (*move) {
            futex_move_locked(w, to, key[1]);
            --*move;
        }
    }
    return 0;
}

long futex_requeue(struct futex_key key, uint64_t address, struct futex_key to, uint32_t wake, uint32_t move, const uint32_t *compare)
{
    uint32_t value = 0;
    int r = futex_check_word(address, &value);
    if (!r && to.offset % sizeof(uint32_t))
        r = -EINVAL;
    if (r)
        return r;
    struct waitq *a = futex_queue(key), *b = futex_queue(to);
    const struct futex_key keys[2] = {key, to};
    const uint32_t wake_all = wake, move_all = move;
    int more = 1;
    while (more > 0 && !r) {
        struct wake_batch batch = {.count = 0};
        futex_lock_two(a, b);
        bool first = wake == wake_all;
        if (compare && first && !(r = user_load32(address, &value)) && value != *compare)
            r = -EAGAIN;
        more = r ? r : requeue_batch(a, b, keys, &wake, &move, &batch);
        futex_unlock_two(a, b);
        wake_batch_flush(&batch);
    }
    return more < 0 ? more : (long)(wake_all - wake) + (long)(move_all - move);
}

static uint32_t operate(uint32_t op, uint32_t old, uint32_t argument)
{
    switch (op) {
    case FUTEX_OP_SET:
        return argument;
    case FUTEX_OP_ADD:
        return old + argument;
    case FUTEX_OP_OR:
        return old | argument;
    case FUTEX_OP_ANDN:
        return old & ~argument;
    default: // FUTEX_OP_XOR: others were refused
        return old ^ argument;
    }
}

static bool compares(uint32_t cmp, int32_t old, int32_t argument)
{
    switch (cmp) {
    case FUTEX_OP_CMP_EQ:
        return old == argument;
    case FUTEX_OP_CMP_NE:
        return old != argument;
    case FUTEX_OP_CMP_LT:
        return old < argument;
    case FUTEX_OP_CMP_LE:
        return old <= argument;
    case FUTEX_OP_CMP_GT:
        return old > argument;
    default:
        return old >= argument;
    }
}

static int32_t sign_extend_12(uint32_t v)
{
    return (int32_t)(v << 20) >> 20;
}

long futex_wake_op(struct futex_key key, struct futex_key second, uint64_t address, uint32_t wake, uint32_t wake_second, uint32_t op)
{
    uint32_t operation = op >> 28 & 7, cmp = op >> 24 & 15, old, seen;
    int32_t argument = sign_extend_12(op >> 12), compare_with = sign_extend_12(op);
    if (operation > FUTEX_OP_XOR)
        return -ENOSYS;
    if (op >> 28 & FUTEX_OP_OPARG_SHIFT)
        argument = (int32_t)(1u << (argument & 31));
    if (key.offset % sizeof(uint32_t))
        return -EINVAL;
    int r = futex_check_word(address, &old);
    while (!r) {
        r = user_compare_exchange32(address, old, operate(operation, old, (uint32_t)argument), &seen);
        if (r || seen == old)
            break;
        old = seen;
    }
    if (r)
        return r;
    if (cmp > FUTEX_OP_CMP_GE) // as on Linux after the operation
        return -ENOSYS;
    long woken = futex_wake(key, wake, FUTEX_ANY);
    if (woken < 0 || !compares(cmp, (int32_t)old, compare_with))
        return woken;
    long also = futex_wake(second, wake_second, FUTEX_ANY);
    return also < 0 ? also : woken + also;
}
