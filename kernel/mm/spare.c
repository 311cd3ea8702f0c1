// SPDX-License-Identifier: MIT
#include "kernel/mm/spare.h"

#include <linux/errno.h>
#include <linux/mman.h>
#include <stdbool.h>
#include <stddef.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/account.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"

enum { WINDOW_PAGES = 512, MAPPING_PAGES = 64, ACCESS = PROT_READ | PROT_WRITE | PROT_EXEC };

static uint32_t count(uint64_t start, uint64_t end)
{
    return (uint32_t)((end - start) / PAGE_SIZE);
}

static void give_back(struct window *w, uint64_t start, uint64_t end)
{
    (void)target_memory_remove(start, end - start); // stops the enclave if the host refuses
    account_release(count(start, end));
    pages_set(start, end, 0);
    w->spares -= count(start, end);
}

void spare_release(struct window *w)
{
    for (uint64_t at = w->low, stop; w->spares && at < w->high; at = stop) {
        stop = pages_run(at, w->high);
        if (pages_state(at) & PAGE_SPARE)
            give_back(w, at, stop);
    }
}

// Committed pages with the same access. What is not taken stays committed.
static void leave_run(struct mm *mm, uint64_t start, uint64_t end)
{
    int access = pages_state(start) & ACCESS;
    const bool vdso = start >= mm->vdso && start < mm->vdso + PAGE_SIZE; // the same in each program
    if (access & PROT_EXEC ? !vdso : !(access & PROT_READ))
        return;
    if (!vdso && !(access & PROT_WRITE)) {
        if (target_memory_protect(start, end - start, access, PROT_READ | PROT_WRITE))
            return;
        access = PROT_READ | PROT_WRITE;
    }
    if (!vdso)
        memset((void *)start, 0, end - start);
    pages_set(start, end, (uint8_t)(PAGE_SPARE | access));
    mm->window->spares += count(start, end);
}

// The pages that the next program is likely to touch: the first ones, and the last of a stack.
static void leave_mapping(struct mm *mm, const struct vma *v)
{
    uint64_t start = v->start, end = v->end;
    if (end - start > MAPPING_PAGES * PAGE_SIZE) {
        start = v->flags & MAP_GROWSDOWN ? end - MAPPING_PAGES * PAGE_SIZE : start;
        end = start + MAPPING_PAGES * PAGE_SIZE;
    }
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        if ((pages_state(at) & PAGE_COMMITTED) && mm->window->spares + count(at, stop) <= WINDOW_PAGES)
            leave_run(mm, at, stop);
    }
}

void spare_leave(struct mm *mm)
{
    for (size_t i = 0; i < mm->set.count; i++)
        if (!vma_shared(&mm->set.vmas[i]))
            leave_mapping(mm, &mm->set.vmas[i]);
}

// As a fault would find it; a page behind the end of the file has to fault.
static int fill(const struct vma *v, uint8_t *to, uint64_t start, uint64_t end)
{
    if (v->file)
        return end > space_file_end(v) ? -EFAULT : space_fill(v, to, end - start, v->offset + (start - v->start));
    memset(to, 0, end - start);
    return 0;
}

static int fill_in_place(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    if (v->prot & PROT_WRITE)
        return fill(v, (uint8_t *)start, start, end);
    uint8_t *staging = space_staging(mm);
    int r = staging ? fill(v, staging, start, end) : -ENOMEM;
    return r ? r : target_memory_replace(start, end - start, v->prot, staging);
}

// Spare pages with the same access become v's own. Not 0: they are spare still.
static int settle(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    int access = pages_state(start) & ACCESS;
    if (!v || vma_shared(v) || !v->prot)
        return -EINVAL;
    if (access != v->prot) {
        int r = target_memory_protect(start, end - start, access, v->prot);
        if (r)
            return r;
        pages_set(start, end, (uint8_t)(PAGE_SPARE | v->prot));
    }
    int r = fill_in_place(mm, v, start, end);
    if (r)
        return r;
    pages_set(start, end, (uint8_t)(PAGE_COMMITTED | v->prot));
    mm->window->spares -= count(start, end);
    return 0;
}

void spare_meet(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    struct window *w = mm->window;
    for (uint64_t at = start, stop; w->spares && at < end; at = stop) {
        stop = pages_run(at, end);
        if (!(pages_state(at) & PAGE_SPARE))
            continue;
        if (stop - at > STAGING_PAGES * PAGE_SIZE)
            stop = at + STAGING_PAGES * PAGE_SIZE;
        if (settle(mm, v, at, stop))
            give_back(w, at, stop);
    }
}
