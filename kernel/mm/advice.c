// SPDX-License-Identifier: MIT
//
// madvise and msync.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/mm/advice.h"
#include "kernel/mm/cow.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/vfs/file.h"

// Calls `each` for every mapping part of the range. -ENOMEM at the end when there was a hole, as Linux does.
static int for_range(struct mm *mm, uint64_t start, uint64_t end, int (*each)(struct vma *, uint64_t, uint64_t))
{
    int hole = 0;
    for (uint64_t at = start; at < end;) {
        struct vma *v = vma_find(&mm->set, at);
        if (!v || v->start >= end)
            return -ENOMEM;
        if (v->start > at) {
            hole = -ENOMEM;
            at = v->start;
        }
        uint64_t stop = v->end < end ? v->end : end;
        int r = each(v, at, stop);
        if (r)
            return r;
        at = stop;
    }
    return hole;
}

static int drop_locked_too(struct vma *v, uint64_t start, uint64_t end)
{
    if (v->together) // others have these pages too: what is clean anyway stays
        return 0;
    if (vma_shared(v))
        return 0; // on Linux too it stays in the page cache
    space_release_pages(start, end);
    return 0;
}

static int drop(struct vma *v, uint64_t start, uint64_t end)
{
    return v->flags & MAP_LOCKED ? -EINVAL : drop_locked_too(v, start, end);
}

static int not_locked(struct vma *v, uint64_t start, uint64_t end)
{
    return v->flags & MAP_LOCKED ? -EINVAL : 0;
}

static int not_locked_for_sync(struct vma *v, uint64_t start, uint64_t end)
{
    return v->flags & MAP_LOCKED ? -EBUSY : 0;
}

static int nothing(struct vma *v, uint64_t start, uint64_t end)
{
    return 0;
}

static int on_range(struct mm *mm, uint64_t address, size_t length, int (*each)(struct vma *, uint64_t, uint64_t))
{
    if (address % PAGE_SIZE || length > USER_END || address > USER_END - length)
        return address % PAGE_SIZE ? -EINVAL : -ENOMEM;
    length = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    mutex_lock(&mm->lock);
    int r = each == drop || each == drop_locked_too ? cow_own(mm, address, address + length) : 0;
    if (each == drop || each == drop_locked_too)
        mirror_drop(mm, address, address + length);
    if (!r)
        r = for_range(mm, address, address + length, each);
    mutex_unlock(&mm->lock);
    return r;
}

int mm_advise(struct mm *mm, uint64_t address, size_t length, int advice)
{
    switch (advice) {
    case MADV_DONTNEED:
    case MADV_FREE:
    case MADV_REMOVE:
        return on_range(mm, address, length, drop);
    case MADV_DONTNEED_LOCKED:
        return on_range(mm, address, length, drop_locked_too);
    case MADV_COLD:
    case MADV_PAGEOUT:
        return on_range(mm, address, length, not_locked);
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
        return on_range(mm, address, length, nothing); // hints
    default:
        return -EINVAL;
    }
}

int mm_check_mapped(struct mm *mm, uint64_t address, size_t length)
{
    return on_range(mm, address, length, nothing);
}

int mm_sync(struct mm *mm, uint64_t address, size_t length, int flags)
{
    // Mapping and file are one at any time (object.h).
    return on_range(mm, address, length, flags & MS_INVALIDATE ? not_locked_for_sync : nothing);
}
