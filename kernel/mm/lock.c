// SPDX-License-Identifier: MIT
//
// A mapping that is locked has MAP_LOCKED among its flags, so that it is split, joined and moved with it.
#include "kernel/mm/lock.h"

#include <asm/resource.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/mm/address_limit.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/remains.h"
#include "kernel/mm/space.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"

static uint64_t limit(void)
{
    return capable(CAP_IPC_LOCK) ? UINT64_MAX : current_process()->rlimits[RLIMIT_MEMLOCK][0] / PAGE_SIZE;
}

bool lock_is_permitted(void)
{
    return limit() || current_process()->rlimits[RLIMIT_MEMLOCK][0];
}

static uint64_t count(const struct mm *mm, bool all)
{
    uint64_t n = 0;
    for (size_t i = 0; i < mm->set.count; i++)
        n += all || (mm->set.vmas[i].flags & MAP_LOCKED) ? space_countable_pages(&mm->set.vmas[i]) : 0;
    return n;
}

uint64_t mm_locked_pages(struct mm *mm)
{
    mutex_lock(&mm->lock);
    uint64_t n = count(mm, /* all= */ false);
    mutex_unlock(&mm->lock);
    return n;
}

bool space_may_lock(const struct mm *mm, uint64_t size)
{
    uint64_t most = limit(), pages = size / PAGE_SIZE;
    return most == UINT64_MAX || (pages <= most && count(mm, false) <= most - pages);
}

static uint64_t locked_within(const struct mm *mm, uint64_t start, uint64_t end)
{
    uint64_t n = 0;
    for (const struct vma *v = vma_find(&mm->set, start); v && v < mm->set.vmas + mm->set.count && v->start < end; v++)
        if (v->flags & MAP_LOCKED)
            n += (v->end < end ? v->end : end) - (v->start > start ? v->start : start);
    return n;
}

// As on Linux, what stands before a hole is changed.
static int mark(struct mm *mm, uint64_t start, uint64_t end, bool locked)
{
    int r = 0;
    for (uint64_t at = start, stop; !r && at < end; at = stop) {
        struct vma *v = vma_at(&mm->set, at);
        if (!v) {
            r = -ENOMEM;
            break;
        }
        stop = v->end < end ? v->end : end;
        if (!(v->flags & MAP_LOCKED) == !locked)
            continue;
        r = vma_cut(&mm->set, at, stop);
        if (!r)
            vma_at(&mm->set, at)->flags ^= MAP_LOCKED;
    }
    vma_join(&mm->set, start, end);
    return r;
}

int space_populate(struct mm *mm, uint64_t start, uint64_t end)
{
    int r = 0;
    for (uint64_t at = start, stop; !r && at < end; at = stop) {
        struct vma *v = vma_find(&mm->set, at);
        if (!v || v->start >= end)
            break;
        at = v->start > at ? v->start : at;
        stop = v->end < end ? v->end : end;
        uint64_t there = v->file ? space_file_end(v) : stop;
        if (v->prot && at < there)
            r = space_commit(mm, v, at, there < stop ? there : stop);
        if (!r && (!v->prot || there < stop))
            r = -EFAULT; // nothing that could be looked at; nothing behind the file's end
    }
    return r;
}

static int populate_error(int r)
{
    return r == -ENOMEM ? -EAGAIN : r ? -ENOMEM : 0;
}

static int check_range(const struct mm *mm, uint64_t address, size_t length, uint64_t *ret_start, uint64_t *ret_end)
{
    *ret_start = address & ~(PAGE_SIZE - 1);
    uint64_t size = (length + address % PAGE_SIZE + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (__builtin_add_overflow(*ret_start, size, ret_end))
        return -EINVAL;
    return size && *ret_end > mm->high ? -ENOMEM : 0;
}

static int lock_locked(struct mm *mm, uint64_t start, uint64_t end, int flags)
{
    uint64_t known = locked_within(mm, start, end);
    if (!space_may_lock(mm, end - start - known))
        return -ENOMEM;
    int r = mark(mm, start, end, /* locked= */ true);
    return r || (flags & MLOCK_ONFAULT) ? r : populate_error(space_populate(mm, start, end));
}

int mm_lock(struct mm *mm, uint64_t address, size_t length, int flags)
{
    uint64_t start, end;
    if (!lock_is_permitted())
        return -EPERM;
    int r = check_range(mm, address, length, &start, &end);
    if (r)
        return r;
    mutex_lock(&mm->lock);
    r = lock_locked(mm, start, end, flags);
    mutex_unlock(&mm->lock);
    return r;
}

int mm_unlock(struct mm *mm, uint64_t address, size_t length)
{
    uint64_t start, end;
    int r = check_range(mm, address, length, &start, &end);
    if (r)
        return r;
    mutex_lock(&mm->lock);
    r = mark(mm, start, end, /* locked= */ false);
    mutex_unlock(&mm->lock);
    return r;
}

// What is reserved and perhaps never used is not made present: enclave memory is scarce, and nothing else comes of it.
static void populate_all(struct mm *mm)
{
    for (size_t i = 0; i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        if (!(v->flags & (MAP_GROWSDOWN | MAP_NORESERVE)))
            (void)space_populate(mm, v->start, v->end);
    }
}

static void mark_all(struct mm *mm, bool locked)
{
    for (size_t i = 0; i < mm->set.count; i++) {
        struct vma *v = &mm->set.vmas[i];
        v->flags = locked ? v->flags | MAP_LOCKED : v->flags & ~MAP_LOCKED;
    }
    vma_join(&mm->set, mm->low, mm->high);
}

int mm_lock_all(struct mm *mm, int flags)
{
    int r = 0;
    if (flags && !lock_is_permitted())
        return -EPERM;
    mutex_lock(&mm->lock);
    if ((flags & MCL_CURRENT) && count(mm, /* all= */ true) > limit())
        r = -ENOMEM;
    if (!r) {
        mm->lock_later = flags & MCL_FUTURE ? MAP_LOCKED : 0;
        mm->populate_later = (flags & MCL_FUTURE) && !(flags & MCL_ONFAULT);
    }
    if (!r && (!flags || (flags & MCL_CURRENT)))
        mark_all(mm, flags);
    if (!r && (flags & MCL_CURRENT) && !(flags & MCL_ONFAULT))
        populate_all(mm);
    mutex_unlock(&mm->lock);
    return r;
}
