// SPDX-License-Identifier: MIT
//
// futex(2): decoding only; the work is kernel/sync/futex.c and futex_pi.c.
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time.h>

#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/sync/futex.h"
#include "kernel/sync/futex_pi.h"
#include "kernel/sync/user_atomic.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/task/task.h"

// FUTEX_WAIT counts from now, the others name a point in time: FUTEX_LOCK_PI on the real-time clock, the rest as the flag says.
static int deadline_from_user(int op, unsigned long timeout, uint64_t *ret_deadline)
{
    uint64_t ns;
    *ret_deadline = UINT64_MAX;
    if (!timeout)
        return 0;
    int r = timespec_from_user((const void USER *)timeout, &ns);
    if (r)
        return r;
    if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT) {
        *ret_deadline = deadline_after(ns);
        return 0;
    }
    bool realtime = op & FUTEX_CLOCK_REALTIME || (op & FUTEX_CMD_MASK) == FUTEX_LOCK_PI;
    return deadline_at(realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC, ns, ret_deadline);
}

static long wait(struct futex_key key, uint64_t address, int op, unsigned value, unsigned long timeout, unsigned bitset)
{
    uint64_t deadline;
    if (!bitset)
        return -EINVAL;
    int r = deadline_from_user(op, timeout, &deadline);
    return r ? r : futex_wait(key, address, value, deadline, bitset);
}

// For the calls that wake, the register of the time-out is a second count; counts are ints, and negative ones are refused.
static bool counts_ok(unsigned first, unsigned long second)
{
    return (int)first >= 0 && (int)second >= 0;
}

static struct futex_key key_of(struct mm *mm, uint64_t address, int op)
{
    return op & FUTEX_PRIVATE_FLAG ? (struct futex_key){(uint64_t)mm, address} : mm_futex_key(mm, address);
}

// A word that processes may share is looked up by what is mapped there; a private one by its address alone.
static int check_word(uint64_t address, int op)
{
    uint32_t value;
    if (address % sizeof(value))
        return -EINVAL;
    return op & FUTEX_PRIVATE_FLAG ? 0 : user_load32(address, &value);
}

static bool has_second(int op)
{
    switch (op & FUTEX_CMD_MASK) {
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_WAKE_OP:
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_CMP_REQUEUE_PI:
        return true;
    default:
        return false;
    }
}

// Only where a point in time is named does the clock's flag mean something.
static bool flags_ok(int op)
{
    int command = op & FUTEX_CMD_MASK;
    return !(op & FUTEX_CLOCK_REALTIME) || command == FUTEX_WAIT_BITSET || command == FUTEX_WAIT_REQUEUE_PI || command == FUTEX_LOCK_PI2;
}

static bool same(struct futex_key a, struct futex_key b)
{
    return a.space == b.space && a.offset == b.offset;
}

static long lock_pi(struct futex_key key, uint64_t address, int op, unsigned long timeout)
{
    uint64_t deadline;
    int r = deadline_from_user(op, timeout, &deadline);
    return r ? r : futex_lock_pi(key, address, deadline);
}

static long wait_requeue_pi(struct futex_key key, uint64_t address, int op, unsigned value, unsigned long timeout, struct futex_key lock,
                            uint64_t lock_address)
{
    uint64_t deadline;
    if (same(key, lock))
        return -EINVAL;
    int r = deadline_from_user(op, timeout, &deadline);
    return r ? r : futex_wait_requeue_pi(key, address, value, deadline, lock, lock_address);
}

// Like pthread_cond_signal and pthread_cond_broadcast it wakes one.
static long cmp_requeue_pi(struct futex_key key, uint64_t address, unsigned wake, unsigned long move, struct futex_key lock,
                           uint64_t lock_address, unsigned expected)
{
    if (wake != 1 || !counts_ok(wake, move) || same(key, lock))
        return -EINVAL;
    return futex_requeue_pi(key, address, lock, lock_address, (uint32_t)move, expected);
}

long sys_futex(void USER *word, int op, unsigned value, unsigned long timeout, void USER *word2, unsigned value3)
{
    uint64_t address = (uint64_t)word, second = (uint64_t)word2;
    uint32_t count2 = (uint32_t)timeout;
    struct mm *mm = current_process()->mm;
    if (!flags_ok(op))
        return -ENOSYS;
    int r = check_word(address, op);
    if (!r && has_second(op))
        r = check_word(second, op);
    if (r)
        return r;
    struct futex_key key = key_of(mm, address, op), key2 = has_second(op) ? key_of(mm, second, op) : key;
    switch (op & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
        return wait(key, address, op, value, timeout, FUTEX_ANY);
    case FUTEX_WAIT_BITSET:
        return wait(key, address, op, value, timeout, value3);
    case FUTEX_WAKE:
        return futex_wake(key, (int)value < 1 ? 1 : value, FUTEX_ANY);
    case FUTEX_WAKE_BITSET:
        return value3 ? futex_wake(key, (int)value < 1 ? 1 : value, value3) : -EINVAL;
    case FUTEX_REQUEUE:
        return counts_ok(value, timeout) ? futex_requeue(key, address, key2, value, count2, /* compare= */ 0) : -EINVAL;
    case FUTEX_CMP_REQUEUE:
        return counts_ok(value, timeout) ? futex_requeue(key, address, key2, value, count2, &value3) : -EINVAL;
    case FUTEX_WAKE_OP:
        return futex_wake_op(key, key2, second, value, count2, value3);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return lock_pi(key, address, op, timeout);
    case FUTEX_TRYLOCK_PI:
        return futex_trylock_pi(key, address);
    case FUTEX_UNLOCK_PI:
        return futex_unlock_pi(key, address);
    case FUTEX_WAIT_REQUEUE_PI:
        return wait_requeue_pi(key, address, op, value, timeout, key2, second);
    case FUTEX_CMP_REQUEUE_PI:
        return cmp_requeue_pi(key, address, value, timeout, key2, second, value3);
    default:
        return -ENOSYS;
    }
}

static int word_from_user(const struct futex_waitv USER *from, struct futex_wait *ret)
{
    struct futex_waitv w;
    if (copy_from_user(&w, from, sizeof(w)))
        return -EFAULT;
    if ((w.flags & ~(unsigned)FUTEX_PRIVATE_FLAG) != FUTEX_32 || w.__reserved || w.val > UINT32_MAX)
        return -EINVAL;
    int r = check_word(w.uaddr, (int)w.flags);
    if (!r)
        *ret = (struct futex_wait){key_of(current_process()->mm, w.uaddr, (int)w.flags), w.uaddr, (uint32_t)w.val};
    return r;
}

static long wait_any(const struct futex_waitv USER *from, unsigned count, uint64_t deadline)
{
    struct futex_wait *words = kmalloc(count * sizeof(*words));
    if (!words)
        return -ENOMEM;
    long r = 0;
    for (unsigned i = 0; !r && i < count; i++)
        r = word_from_user(&from[i], &words[i]);
    if (!r)
        r = futex_wait_any(words, count, deadline);
    kfree(words);
    return r;
}

long sys_futex_waitv(const void USER *words, unsigned count, int flags, const void USER *timeout, int clock)
{
    uint64_t ns, deadline = UINT64_MAX;
    if (flags || !count || count > FUTEX_WAITV_MAX || !words)
        return -EINVAL;
    if (timeout && clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
        return -EINVAL;
    int r = timeout ? timespec_from_user(timeout, &ns) : 0;
    if (!r && timeout)
        r = deadline_at(clock, ns, &deadline);
    return r ? r : wait_any(words, count, deadline);
}
