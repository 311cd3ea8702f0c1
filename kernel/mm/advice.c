// SPDX-License-Identifier: MIT
//
// madvise and msync.
#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/mm/advice.h"
#include "kernel/mm/cow.h"
#include "kernel/mm/exchange.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/resize.h"

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

// MADV_FREE: memory that is private and of no file.
static int drop_anonymous(struct vma *v, uint64_t start, uint64_t end)
{
    return v->file ? -EINVAL : drop(v, start, end);
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
    const bool drops = each == drop || each == drop_anonymous || each == drop_locked_too;
    int r = drops ? cow_own(mm, address, address + length) : 0;
    if (drops)
        mirror_drop(mm, address, address + length);
    if (!r)
        r = for_range(mm, address, address + length, each);
    mutex_unlock(&mm->lock);
    return r;
}

// As if each page were touched: those of a hole and those that may not be touched so are errors.
static int populate(struct mm *mm, uint64_t start, uint64_t end, bool write)
{
    int r = 0;
    mutex_lock(&mm->lock);
    for (uint64_t page = start; !r && page < end; page += PAGE_SIZE) {
        const struct vma *v = vma_at(&mm->set, page);
        const bool may = v && v->prot & (write ? PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC);
        r = !v ? -ENOMEM : !may ? -EINVAL : space_touch(mm, page, write);
    }
    mutex_unlock(&mm->lock);
    return r == -EIO ? -EFAULT : r;
}

// The file that gets a hole for the mapping at `at`, with a reference, and where; or -errno.
static int file_to_punch(struct mm *mm, uint64_t at, uint64_t end, struct file **ret, uint64_t *ret_offset, uint64_t *ret_stop)
{
    mutex_lock(&mm->lock);
    const struct vma *v = vma_at(&mm->set, at);
    int r = !v ? -ENOMEM : v->flags & MAP_LOCKED || !v->file ? -EINVAL : !vma_shared(v) || !file_writable(v->file) ? -EACCES : 0;
    if (!r) {
        *ret = file_get(v->file);
        *ret_offset = v->offset + (at - v->start);
        *ret_stop = v->end < end ? v->end : end;
    }
    mutex_unlock(&mm->lock);
    return r;
}

// MADV_REMOVE. The space is not locked while the file changes: its pages are taken out of all spaces.
static int remove(struct mm *mm, uint64_t start, uint64_t end)
{
    int r = 0;
    for (uint64_t at = start, stop; !r && at < end; at = stop) {
        struct file *f;
        uint64_t offset;
        r = file_to_punch(mm, at, end, &f, &offset, &stop);
        if (r)
            return r;
        r = node_allocate(f->node, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, stop - at);
        file_put(f);
    }
    return r;
}

static int forkable(struct vma *v, int advice)
{
    return advice == MADV_WIPEONFORK && v->file ? -EINVAL : 0;
}

static void set_fork_flags(struct vma *v, int advice)
{
    const int flag = advice == MADV_DONTFORK || advice == MADV_DOFORK ? VMA_DONT_FORK : VMA_WIPE_ON_FORK;
    v->flags = advice == MADV_DONTFORK || advice == MADV_WIPEONFORK ? v->flags | flag : v->flags & ~flag;
}

// Parts of mappings become mappings of their own, which nobody has together with others: a child has none of it, or zeros.
static int advise_fork_locked(struct mm *mm, uint64_t start, uint64_t end, int advice)
{
    int r = cow_own(mm, start, end);
    if (!r)
        r = exchange_unshare(mm, start, end);
    if (!r)
        r = vma_cut(&mm->set, start, end);
    if (r)
        return r;
    uint64_t at = start;
    for (struct vma *v; !r && at < end && (v = vma_find(&mm->set, at)) && v->start < end; at = v->end) {
        r = forkable(v, advice);
        if (!r)
            set_fork_flags(v, advice);
    }
    vma_join(&mm->set, start, end);
    return r;
}

static int advise_fork(struct mm *mm, uint64_t start, uint64_t end, int advice)
{
    mutex_lock(&mm->lock);
    int r = advise_fork_locked(mm, start, end, advice);
    if (!r)
        r = for_range(mm, start, end, nothing); // a hole is an error in the end
    mutex_unlock(&mm->lock);
    return r;
}

static int advise(struct mm *mm, uint64_t start, uint64_t length, int advice)
{
    switch (advice) {
    case MADV_DONTNEED:
        return on_range(mm, start, length, drop);
    case MADV_FREE:
        return on_range(mm, start, length, drop_anonymous);
    case MADV_REMOVE:
        return remove(mm, start, start + length);
    case MADV_DONTNEED_LOCKED:
        return on_range(mm, start, length, drop_locked_too);
    case MADV_COLD:
    case MADV_PAGEOUT:
        return on_range(mm, start, length, not_locked);
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
        return populate(mm, start, start + length, advice == MADV_POPULATE_WRITE);
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_WIPEONFORK:
    case MADV_KEEPONFORK:
        return advise_fork(mm, start, start + length, advice);
    default:
        return on_range(mm, start, length, nothing); // hints
    }
}

static bool is_known(int advice)
{
    return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) || (advice >= MADV_FREE && advice <= MADV_DONTNEED_LOCKED);
}

int mm_advise(struct mm *mm, uint64_t address, size_t length, int advice)
{
    const uint64_t size = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (!is_known(advice) || address % PAGE_SIZE || size < length || address + size < address)
        return -EINVAL;
    if (size > USER_END || address > USER_END - size)
        return -ENOMEM;
    return size ? advise(mm, address, size, advice) : 0;
}

int mm_sync(struct mm *mm, uint64_t address, size_t length, int flags)
{
    // Mapping and file are one at any time (object.h).
    return on_range(mm, address, length, flags & MS_INVALIDATE ? not_locked_for_sync : nothing);
}
