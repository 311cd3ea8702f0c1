// SPDX-License-Identifier: MIT
#include "kernel/mm/cow.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/mm/account.h"
#include "kernel/mm/exchange.h"
#include "kernel/mm/pages.h"

enum { LONG_RUN = 128, CHUNK_FIRST = 32, CHUNK_LAST = 512 }; // pages
enum { CHUNKS_MOST = 1024 }; // of a mapping: each may cost the host two more mappings, and it has some 65,000

static bool is_closed(const struct vma *v)
{
    return v->together && (v->prot & PROT_WRITE);
}

static bool is_candidate(const struct vma *v)
{
    const int open = PROT_READ | PROT_WRITE;
    if (v->flags & (VMA_DONT_FORK | VMA_WIPE_ON_FORK))
        return false;
    return !vma_shared(v) && !v->together && (v->prot & (open | PROT_EXEC)) == open && !(v->flags & MAP_GROWSDOWN);
}

// The next long run of v at or behind *at, which has the access that v has.
static bool next_run(const struct vma *v, uint64_t *at, uint64_t *ret_end)
{
    for (uint64_t stop; *at < v->end; *at = stop) {
        stop = pages_run(*at, v->end);
        if (pages_state(*at) == (PAGE_COMMITTED | v->prot) && stop - *at >= LONG_RUN * PAGE_SIZE) {
            *ret_end = stop;
            return true;
        }
    }
    return false;
}

// total: pages that are closed so far.
static int close_run(struct mm *mm, uint64_t start, uint64_t end, size_t *total)
{
    *total += (end - start) / PAGE_SIZE;
    int r = account_has_room(*total) ? vma_cut(&mm->set, start, end) : -ENOMEM;
    if (r)
        return r;
    struct vma *v = vma_at(&mm->set, start);
    v->together = true;
    return space_protect_pages(start, end, vma_access(v));
}

int cow_share(struct mm *mm)
{
    size_t total = 0;
    int r = 0;
    for (size_t i = 0; !r && i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        uint64_t at = v->start, end = v->end;
        if (is_closed(v) || (is_candidate(v) && next_run(v, &at, &end)))
            r = close_run(mm, at, end, &total); // what is behind is looked at next
    }
    return r;
}

// The aligned chunk around page, larger for who writes on and on.
static void chunk_around(struct mm *mm, const struct vma *v, uint64_t page, uint64_t *ret_start, uint64_t *ret_end)
{
    uint64_t least = CHUNK_FIRST * PAGE_SIZE;
    while ((v->end - v->start) / least > CHUNKS_MOST)
        least *= 2;
    uint64_t size = page == mm->cow_next && mm->cow_size ? 2 * mm->cow_size : least;
    size = size > CHUNK_LAST * PAGE_SIZE ? CHUNK_LAST * PAGE_SIZE : size;
    size = size < least ? least : size;
    const uint64_t start = page & ~(least - 1), end = (page & ~(least - 1)) + size;
    *ret_start = start < v->start ? v->start : start;
    *ret_end = end > v->end ? v->end : end;
    mm->cow_next = *ret_end;
    mm->cow_size = size;
}

int cow_own(struct mm *mm, uint64_t start, uint64_t end)
{
    int r = 0;
    for (uint64_t at = start, stop; !r && at < end; at = stop) {
        const struct vma *v = vma_find(&mm->set, at);
        if (!v || v->start >= end)
            break;
        const uint64_t from = v->start > at ? v->start : at;
        const int access = v->prot;
        stop = v->end < end ? v->end : end;
        if (vma_shared(v) || !(access & PROT_WRITE))
            continue;
        r = v->together ? exchange_unshare(mm, from, stop) : 0;
        if (!r)
            r = space_protect_pages(from, stop, access);
    }
    vma_join(&mm->set, start, end);
    return r;
}

int cow_write(struct mm *mm, const struct vma *v, uint64_t page)
{
    uint64_t start = v->start, end;
    if (!exchange_others_have(mm, start, v->end, &end) && page < end)
        return cow_own(mm, start, end);
    start = page;
    if (exchange_others_have(mm, page, v->end, &end))
        chunk_around(mm, v, page, &start, &end);
    return cow_own(mm, start, end);
}
