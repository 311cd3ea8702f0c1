// SPDX-License-Identifier: MIT
#include "kernel/mm/hidden.h"

#include <stddef.h>

#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/check.h"
#include "kernel/mm/account.h"
#include "kernel/mm/aside.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/mm/spare.h"

enum { ACCESS = PROT_READ | PROT_WRITE | PROT_EXEC };

static uint32_t count(uint64_t start, uint64_t end)
{
    return (uint32_t)((end - start) / PAGE_SIZE);
}

static bool is_hidden(uint64_t page)
{
    return pages_state(page) & PAGE_HIDDEN;
}

static void change_access(uint64_t start, uint64_t end, int old, int access)
{
    if (old != access && target_memory_open(start, end - start, old, access))
        kernel_stop("the host cannot change the access of more pages; on Linux see vm.max_map_count");
}

bool hidden_has_room(const struct mm *mm)
{
    return !mm->window->hider || mm->window->hider == mm;
}

void hidden_leave(struct mm *mm, uint64_t start, uint64_t end)
{
    struct window *w = mm->window;
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        if (!(pages_state(at) & PAGE_COMMITTED))
            continue;
        pages_set(at, stop, (uint8_t)(PAGE_HIDDEN | (pages_state(at) & ACCESS)));
        w->hidden += count(at, stop);
        w->hider = mm;
    }
}

// The runs of hidden pages in the mappings of the hider.
static void for_each_run(struct window *w, void (*each)(struct window *w, const struct vma *v, uint64_t start, uint64_t end))
{
    const struct vma_set *set = w->hider ? &w->hider->set : NULL;
    for (size_t i = 0; set && w->hidden && i < set->count; i++)
        for (uint64_t at = set->vmas[i].start, stop; at < set->vmas[i].end; at = stop) {
            stop = pages_run(at, set->vmas[i].end);
            if (is_hidden(at))
                each(w, &set->vmas[i], at, stop);
        }
}

static void close_run(struct window *w, const struct vma *v, uint64_t start, uint64_t end)
{
    change_access(start, end, pages_state(start) & ACCESS, PROT_NONE);
    pages_set(start, end, PAGE_HIDDEN);
}

void hidden_close(struct window *w)
{
    for_each_run(w, close_run);
}

static void return_run(struct window *w, const struct vma *v, uint64_t start, uint64_t end)
{
    change_access(start, end, pages_state(start) & ACCESS, v->prot);
    pages_set(start, end, (uint8_t)(PAGE_COMMITTED | v->prot));
    w->hidden -= count(start, end);
}

void hidden_return(struct mm *mm)
{
    struct window *w = mm->window;
    if (w->hider != mm)
        return;
    for_each_run(w, return_run);
    ASSERT(!w->hidden);
    w->hider = NULL;
}

static void drop_run(struct window *w, const struct vma *v, uint64_t start, uint64_t end)
{
    (void)target_memory_remove(start, end - start); // stops the enclave if the host refuses
    account_release(count(start, end));
    pages_set(start, end, 0);
    w->hidden -= count(start, end);
}

void hidden_drop(struct mm *mm)
{
    struct window *w = mm->window;
    if (w->hider != mm)
        return;
    for_each_run(w, drop_run);
    w->hider = NULL;
}

static void uncover_run(struct window *w, uint64_t start, uint64_t end)
{
    int access = pages_state(start) & ACCESS;
    if (!(access & PROT_READ)) {
        change_access(start, end, access, PROT_READ | PROT_WRITE);
        access = PROT_READ | PROT_WRITE;
    }
    for (uint64_t page = start; page < end; page += PAGE_SIZE)
        aside_keep(w->hider, page, mirror_take_or_copy(w->hider, page));
    w->hidden -= count(start, end);
    if (!w->hidden)
        w->hider = NULL;
    spare_take_over(w, start, end, access);
}

void hidden_uncover(struct window *w, uint64_t start, uint64_t end)
{
    for (uint64_t at = start, stop; w->hidden && at < end; at = stop) {
        stop = pages_run(at, end);
        if (is_hidden(at))
            uncover_run(w, at, stop);
    }
}
