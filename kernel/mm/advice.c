// SPDX-License-Identifier: MIT
//
// madvise, msync and writing shared file mappings back.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/mm/advice.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/vfs/file.h"

int space_write_back(struct vma *v, uint64_t start, uint64_t end)
{
    int result = 0;
    while (start < end) {
        uint64_t stop = pages_run(start, end);
        uint64_t offset = v->offset + (start - v->start), size = file_size(v->file);
        if ((pages_state(start) & PAGE_COMMITTED) && (v->prot & PROT_WRITE) && offset < size) {
            uint64_t n = stop - start < size - offset ? stop - start : size - offset;
            long r = file_write_at(v->file, (const void *)start, n, offset);
            if (r < 0)
                result = (int)r;
        }
        start = stop;
    }
    return result;
}

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

static int drop(struct vma *v, uint64_t start, uint64_t end)
{
    if (v->together) // others have these pages too: what is clean anyway stays
        return 0;
    if (v->flags & MAP_SHARED) { // the only copy of anonymous shared memory; a file's is kept in step
        if (!v->file)
            return 0;
        (void)space_write_back(v, start, end);
    }
    space_release_pages(start, end);
    return 0;
}

static int populate_none(struct vma *v, uint64_t start, uint64_t end)
{
    return 0;
}

static int write_back(struct vma *v, uint64_t start, uint64_t end)
{
    return v->file && (v->flags & MAP_SHARED) ? space_write_back(v, start, end) : 0;
}

static int on_range(struct mm *mm, uint64_t address, size_t length, int (*each)(struct vma *, uint64_t, uint64_t))
{
    if (address % PAGE_SIZE || length > USER_END || address > USER_END - length)
        return address % PAGE_SIZE ? -EINVAL : -ENOMEM;
    length = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    mutex_lock(&mm->lock);
    int r = for_range(mm, address, address + length, each);
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
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_COLD:
    case MADV_PAGEOUT:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
        return on_range(mm, address, length, populate_none); // hints
    default:
        return -EINVAL;
    }
}

int mm_sync(struct mm *mm, uint64_t address, size_t length)
{
    return on_range(mm, address, length, write_back);
}
