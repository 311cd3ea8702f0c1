// SPDX-License-Identifier: MIT
//
// Robust futexes. The list lies in the program's memory and is not believed: every pointer goes through user accessors and
// its length is bounded.
#include "kernel/sync/robust.h"

#include <stdbool.h>

#include <linux/errno.h>
#include <linux/futex.h>

#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/sync/futex.h"
#include "kernel/sync/futex_pi.h"
#include "kernel/sync/user_atomic.h"
#include "kernel/task/task.h"

static void release_one(const struct thread *t, uint64_t word, bool pending)
{
    uint32_t value, seen;
    if (user_load32(word, &value))
        return;
    for (;;) {
        if ((value & FUTEX_TID_MASK) != (uint32_t)t->tid) {
            if (pending && !value) // unlocked already, but perhaps not yet woken
                (void)futex_wake(mm_futex_key(t->process->mm, word), 1, FUTEX_ANY);
            return;
        }
        uint32_t desired = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        if (user_compare_exchange32(word, value, desired, &seen))
            return;
        if (seen == value)
            break;
        value = seen;
    }
    if (value & FUTEX_WAITERS)
        (void)futex_wake(mm_futex_key(t->process->mm, word), 1, FUTEX_ANY);
}

// A pointer of the list: bit 0 says that the futex is one of priority inheritance.
static void release_entry(const struct thread *t, uint64_t pointer, int64_t offset, bool pending)
{
    uint64_t word = (pointer & ~1ul) + (uint64_t)offset;
    if (pointer & 1)
        futex_pi_owner_died(t, mm_futex_key(t->process->mm, word), word);
    else
        release_one(t, word, pending);
}

void robust_list_release(struct thread *t)
{
    struct robust_list_head head;
    uint64_t at = t->robust_list;
    t->robust_list = 0;
    if (!at || GET_USER(head, (const struct robust_list_head USER *)at))
        return;
    uint64_t pending = (uint64_t)head.list_op_pending, entry = (uint64_t)head.list.next;
    for (unsigned i = 0; (entry & ~1ul) != at && i < ROBUST_LIST_LIMIT; i++) {
        uint64_t next;
        bool more = !GET_USER(next, (const uint64_t USER *)(entry & ~1ul));
        if ((entry ^ pending) & ~1ul)
            release_entry(t, entry, head.futex_offset, false);
        if (!more)
            return;
        entry = next;
    }
    if (pending)
        release_entry(t, pending, head.futex_offset, true);
}
