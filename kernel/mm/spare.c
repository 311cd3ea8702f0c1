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

enum { WINDOW_PAGES = 512, MAPPING_PAGES = 64, SHARED_WINDOW_PAGES = 1024, SHARED_MAPPING_PAGES = 256 };
enum { ACCESS = PROT_READ | PROT_WRITE | PROT_EXEC };

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

static bool has_room(const struct window *w, uint64_t start, uint64_t end, uint32_t most)
{
    return w->spares + count(start, end) <= most;
}

void spare_take_over(struct window *w, uint64_t start, uint64_t end, int access)
{
    pages_set(start, end, (uint8_t)(PAGE_SPARE | access));
    w->spares += count(start, end);
}

static void become_spare(struct window *w, uint64_t start, uint64_t end)
{
    int access = pages_state(start) & ACCESS;
    if (access & PROT_WRITE)
        memset((void *)start, 0, end - start);
    spare_take_over(w, start, end, access);
}

// Committed pages with the same access. What is not taken stays committed.
static void leave_run(struct mm *mm, uint64_t start, uint64_t end)
{
    int access = pages_state(start) & ACCESS;
    const bool vdso = start >= mm->vdso && start < mm->vdso + PAGE_SIZE; // the same in each program
    if (access & PROT_EXEC ? !vdso : !(access & PROT_READ))
        return;
    if (vdso || !space_protect_pages(start, end, access | PROT_WRITE))
        become_spare(mm->window, start, end);
}

// What each run maps at its start: data, what follows it without a file (.bss), the first stack, vDSO and clock.
static bool is_of_start(const struct mm *mm, const struct vma *v)
{
    const struct vma *before = v > mm->set.vmas ? v - 1 : NULL;
    if (vma_shared(v))
        return false;
    return v->file || (v->name ? !strcmp(v->name, "[stack]") || v->end == mm->vdso || v->start == mm->vdso
                               : before && before->file && before->end == v->start);
}

// The pages that the next run is likely to touch: the first ones, and the last of a stack.
static void leave_mapping(struct mm *mm, const struct vma *v)
{
    uint64_t start = v->start, end = v->end;
    if (end - start > MAPPING_PAGES * PAGE_SIZE) {
        start = v->flags & MAP_GROWSDOWN ? end - MAPPING_PAGES * PAGE_SIZE : start;
        end = start + MAPPING_PAGES * PAGE_SIZE;
    }
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        if ((pages_state(at) & PAGE_COMMITTED) && has_room(mm->window, at, stop, WINDOW_PAGES))
            leave_run(mm, at, stop);
    }
}

void spare_leave(struct mm *mm)
{
    for (size_t i = 0; i < mm->set.count; i++)
        if (is_of_start(mm, &mm->set.vmas[i]))
            leave_mapping(mm, &mm->set.vmas[i]);
}

void spare_leave_behind(const struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    struct window *w = mm->window;
    if ((v->prot & PROT_WRITE) && !(v->flags & MAP_GROWSDOWN) && end > v->start + SHARED_MAPPING_PAGES * PAGE_SIZE)
        return;
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        if ((pages_state(at) & PAGE_COMMITTED) && (pages_state(at) & PROT_READ) && has_room(w, at, stop, SHARED_WINDOW_PAGES))
            become_spare(w, at, stop);
    }
}

int spare_claim(struct mm *mm, uint64_t start, uint64_t end, int access)
{
    int old = pages_state(start) & ACCESS;
    int r = old == access ? 0 : target_memory_open(start, end - start, old, access);
    if (r)
        return r;
    pages_set(start, end, (uint8_t)(PAGE_COMMITTED | access));
    mm->window->spares -= count(start, end);
    return 0;
}

// As a fault would find it; a page behind the end of the file has to fault.
static int fill(const struct vma *v, uint8_t *to, uint64_t start, uint64_t end)
{
    if (v->file)
        return end > space_file_end(v) ? -EFAULT : space_fill(v, to, end - start, v->offset + (start - v->start));
    memset(to, 0, end - start);
    return 0;
}

// Of a file by way of the staging: what comes from an image is not the program's before it is verified.
static int fill_in_place(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    if ((v->prot & PROT_WRITE) && !v->file)
        return fill(v, (uint8_t *)start, start, end);
    uint8_t *staging = space_staging(mm);
    int r = staging ? fill(v, staging, start, end) : -ENOMEM;
    if (r || !(v->prot & PROT_WRITE))
        return r ? r : space_replace_staged(mm, start, end, v->prot);
    memcpy((void *)start, staging, end - start);
    return 0;
}

// Spare pages with the same access become v's own.
static bool settle(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    if (!v || vma_shared(v) || !v->prot || spare_claim(mm, start, end, v->prot))
        return false;
    if (fill_in_place(mm, v, start, end))
        space_release_pages(start, end);
    return true;
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
        if (!settle(mm, v, at, stop))
            give_back(w, at, stop);
    }
}
