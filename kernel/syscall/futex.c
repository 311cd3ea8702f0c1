// SPDX-License-Identifier: MIT
//
// futex(2): decoding only; the work is kernel/sync/futex.c.
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time.h>

#include "kernel/mm/mm.h"
#include "kernel/sync/futex.h"
#include "kernel/sync/user_atomic.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/task/task.h"

// FUTEX_WAIT counts from now, on the monotonic clock whatever the flag says; the bitset form names a point in time.
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
    return deadline_at(op & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, ns, ret_deadline);
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
    int command = op & FUTEX_CMD_MASK;
    return command == FUTEX_REQUEUE || command == FUTEX_CMP_REQUEUE || command == FUTEX_WAKE_OP;
}

long sys_futex(void USER *word, int op, unsigned value, unsigned long timeout, void USER *word2, unsigned value3)
{
    uint64_t address = (uint64_t)word, second = (uint64_t)word2;
    uint32_t count2 = (uint32_t)timeout;
    struct mm *mm = current_process()->mm;
    int r = check_word(address, op);
    if (!r && has_second(op))
        r = check_word(second, op);
    if (r)
        return r;
    struct futex_key key = key_of(mm, address, op);
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
        return counts_ok(value, timeout) ? futex_requeue(key, address, key_of(mm, second, op), value, count2, /* compare= */ 0) : -EINVAL;
    case FUTEX_CMP_REQUEUE:
        return counts_ok(value, timeout) ? futex_requeue(key, address, key_of(mm, second, op), value, count2, &value3) : -EINVAL;
    case FUTEX_WAKE_OP:
        return futex_wake_op(key, key_of(mm, second, op), second, value, count2, value3);
    default: // priority inheritance needs a scheduler
        return -ENOSYS;
    }
}
