// SPDX-License-Identifier: MIT
//
// mremap(2) and remap_file_pages(2). Enclave pages cannot be moved, so a mapping that moves is copied.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/address_limit.h"
#include "kernel/mm/cow.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/remains.h"
#include "kernel/mm/space.h"
#include "kernel/vfs/file.h"

// The mapping that covers all of the old range, or NULL.
static struct vma *covering(struct mm *mm, uint64_t old, size_t size)
{
    struct vma *v = vma_at(&mm->set, old);
    return v && size <= v->end - old ? v : NULL;
}

static bool can_grow(struct mm *mm, uint64_t end, uint64_t new_end)
{
    const struct vma *next = vma_find(&mm->set, end);
    return new_end <= mm->high && (!next || next->start >= new_end);
}

static long grow_in_place(struct mm *mm, uint64_t old, size_t old_size, size_t new_size)
{
    struct vma *v = covering(mm, old, old_size);
    if (!v || v->end != old + old_size || !can_grow(mm, v->end, old + new_size))
        return -ENOMEM;
    remains_meet(mm, v, v->end, old + new_size);
    v->end = old + new_size;
    return (long)old;
}

static void copy_committed(uint64_t to, uint64_t from, uint64_t size)
{
    for (uint64_t at = 0; at < size;) {
        uint64_t stop = pages_run(from + at, from + size) - from;
        if ((pages_state(from + at) & PAGE_COMMITTED) && (pages_state(from + at) & PROT_READ))
            memcpy((void *)(to + at), (const void *)(from + at), stop - at);
        at = stop;
    }
}

// The old mapping goes, or what is in it (MREMAP_DONTUNMAP): private memory begins anew, as it did when it was mapped.
static int leave(struct mm *mm, uint64_t old, size_t size, bool shared, int flags)
{
    if (!(flags & MREMAP_DONTUNMAP))
        return space_unmap(mm, old, old + size);
    if (shared)
        return 0;
    mirror_drop(mm, old, old + size);
    space_release_pages(old, old + size);
    return 0;
}

// Copies what is committed into a fresh mapping and leaves the old one. The lock is held; room is reserved.
static long move(struct mm *mm, uint64_t old, size_t old_size, size_t new_size, uint64_t to, int flags)
{
    struct vma *v = covering(mm, old, old_size);
    if (!v)
        return -EFAULT;
    struct vma moved = *v;
    moved.offset += v->file ? old - v->start : 0;
    moved.start = to;
    moved.end = to + new_size;
    if (moved.file)
        file_get(moved.file);
    struct vma open = moved; // private pages that are there already are written to in a moment
    open.prot = vma_shared(&moved) ? moved.prot : PROT_READ | PROT_WRITE;
    remains_meet(mm, &open, moved.start, moved.end);
    if (vma_shared(&moved)) { // its pages come from where they are; an old size of 0 asks for a second mapping
        vma_insert(&mm->set, &moved);
        int r = old_size ? leave(mm, old, old_size, /* shared= */ true, flags) : 0;
        return r ? r : (long)to;
    }
    size_t common = old_size < new_size ? old_size : new_size;
    struct vma *in = vma_insert(&mm->set, &moved);
    int prot = in->prot;
    in->prot = PROT_READ | PROT_WRITE; // while it is filled
    int r = 0;
    for (uint64_t at = 0; !r && at < common;) { // only what the old mapping had committed
        uint64_t stop = pages_run(old + at, old + common) - old;
        if (pages_state(old + at) & PAGE_COMMITTED)
            r = space_commit(mm, in, to + at, to + stop);
        at = stop;
    }
    in->prot = prot;
    if (r) {
        (void)space_unmap(mm, to, to + new_size); // whole mapping: nothing to split
        return -ENOMEM;
    }
    copy_committed(to, old, common);
    (void)space_protect_pages(to, to + new_size, prot);
    (void)leave(mm, old, old_size, /* shared= */ false, flags); // room was reserved
    return (long)to;
}

// What follows may be holes: only the first mapping has to be there.
static long shrink(struct mm *mm, uint64_t old, size_t old_size, size_t new_size)
{
    remains_meet(mm, NULL, old + new_size, old + old_size);
    int r = vma_at(&mm->set, old) ? space_unmap(mm, old + new_size, old + old_size) : -EFAULT;
    return r ? r : (long)old;
}

static long move_somewhere(struct mm *mm, uint64_t old, size_t old_size, size_t new_size, int flags)
{
    uint64_t gap = vma_find_gap(&mm->set, mm->low, mm->high, new_size);
    return gap ? move(mm, old, old_size, new_size, gap, flags) : -ENOMEM;
}

static long remap_locked(struct mm *mm, uint64_t old, size_t old_size, size_t new_size, int flags, uint64_t new_address)
{
    int r = cow_own(mm, old, old + old_size); // several mappings of one are one again
    if (!r)
        r = vma_reserve(&mm->set, 6);
    if (r)
        return r;
    if (new_size < old_size && !(flags & MREMAP_FIXED))
        return shrink(mm, old, old_size, new_size);
    const struct vma *v = covering(mm, old, old_size ? old_size : PAGE_SIZE);
    if (!v)
        return -EFAULT;
    if ((flags & MREMAP_DONTUNMAP) && !space_may_map(mm, new_size, v, 0, 0))
        return -ENOMEM;
    remains_meet(mm, NULL, old, old + old_size);
    if (!old_size && !vma_shared(v)) // a second mapping of private memory
        return -EINVAL;
    if (flags & MREMAP_FIXED) {
        if (new_address % PAGE_SIZE || (new_address < old + old_size && old < new_address + new_size))
            return -EINVAL;
        if (new_address < mm->low || new_address > mm->high - new_size)
            return -ENOMEM;
        r = space_unmap(mm, new_address, new_address + new_size);
        return r ? r : move(mm, old, old_size, new_size, new_address, flags);
    }
    if (flags & MREMAP_DONTUNMAP)
        return move_somewhere(mm, old, old_size, new_size, flags);
    if (new_size == old_size)
        return (long)old;
    if ((v->flags & MAP_LOCKED) && !space_may_lock(mm, new_size - old_size))
        return -EAGAIN;
    if (!space_may_map(mm, new_size - old_size, v, 0, 0))
        return -ENOMEM;
    long at = grow_in_place(mm, old, old_size, new_size);
    return at >= 0 || !(flags & MREMAP_MAYMOVE) ? at : move_somewhere(mm, old, old_size, new_size, flags);
}

long mm_remap(struct mm *mm, uint64_t old, size_t old_size, size_t new_size, int flags, uint64_t new_address)
{
    if (old % PAGE_SIZE || !new_size || new_size > USER_END || old_size > USER_END)
        return -EINVAL;
    if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) || (flags && !(flags & MREMAP_MAYMOVE)))
        return -EINVAL;
    old_size = (old_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    new_size = (new_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if ((flags & MREMAP_DONTUNMAP) && (old_size != new_size || new_address % PAGE_SIZE))
        return -EINVAL;
    mutex_lock(&mm->lock);
    long r = remap_locked(mm, old, old_size, new_size, flags, new_address);
    if (r > 0 && new_size > old_size && (vma_at(&mm->set, (uint64_t)r)->flags & MAP_LOCKED))
        (void)space_populate(mm, (uint64_t)r + old_size, (uint64_t)r + new_size);
    mutex_unlock(&mm->lock);
    return r;
}

// The mapping at start, when from there to end all is mapped in the same way from one file; else NULL.
static const struct vma *of_one_file(const struct mm *mm, uint64_t start, uint64_t end)
{
    const struct vma *first = vma_at(&mm->set, start), *v = first;
    if (!v || !vma_shared(v))
        return NULL;
    for (; v->end < end; v++)
        if (v + 1 == mm->set.vmas + mm->set.count || v[1].start != v->end || v[1].file != v->file || v[1].prot != v->prot)
            return NULL;
    return first;
}

// As Linux does it since it keeps no such mappings any more: a mapping of its own.
int mm_remap_pages(struct mm *mm, uint64_t start, uint64_t size, uint64_t offset)
{
    mutex_lock(&mm->lock);
    const struct vma *v = of_one_file(mm, start, start + size);
    struct file *f = v ? file_get(v->file) : NULL;
    const int prot = v ? v->prot : 0, locked = v ? v->flags & MAP_LOCKED : 0;
    mutex_unlock(&mm->lock);
    if (!f)
        return -EINVAL;
    long r = mm_map(mm, start, size, prot, MAP_SHARED | MAP_FIXED | MAP_POPULATE | locked, f, offset);
    file_put(f);
    return r < 0 ? (int)r : 0;
}
