// SPDX-License-Identifier: MIT
#include "kernel/mm/restore.h"

#include <linux/errno.h>
#include <linux/mman.h>
#include <stdbool.h>
#include <stddef.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/account.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/hidden.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/saved.h"
#include "kernel/mm/space.h"
#include "kernel/mm/spare.h"

static bool same(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*x); i++)
        if (x[i] != y[i])
            return false;
    return true;
}

static bool is_spare(uint64_t page)
{
    return pages_state(page) & PAGE_SPARE;
}

static void take(struct saved_pages *from, uint64_t page, void *to)
{
    uint8_t *content = saved_take(from, page);
    memcpy(to, content, PAGE_SIZE);
    kpages_free(content, 1);
}

// Pages where nothing is, with or without content.
static int add(uint64_t start, uint64_t end, int access, const void *content)
{
    size_t pages = (end - start) / PAGE_SIZE;
    int r = pages_prepare(start, end);
    if (r || (r = account_commit(pages)))
        return r;
    r = content ? target_memory_commit_copy(start, end - start, access, content) : target_memory_commit(start, end - start, access);
    if (r)
        account_release(pages);
    else
        pages_set(start, end, (uint8_t)(PAGE_COMMITTED | access));
    return r;
}

// Can be written while they are filled.
static int restore_open(struct mm *mm, struct saved_pages *from, const struct vma *v, uint64_t start, uint64_t end)
{
    int access = v->prot | PROT_READ | PROT_WRITE;
    int r = is_spare(start) ? spare_claim(mm, start, end, access) : add(start, end, access, NULL);
    if (r)
        return r;
    for (uint64_t page = start; page < end; page += PAGE_SIZE)
        take(from, page, (void *)page);
    return space_protect_pages(start, end, v->prot);
}

static int restore_new(struct mm *mm, struct saved_pages *from, const struct vma *v, uint64_t start, uint64_t end)
{
    uint8_t *staging = mm->window->staging;
    for (uint64_t page = start; page < end; page += PAGE_SIZE)
        take(from, page, staging + (page - start));
    return add(start, end, v->prot, staging);
}

int pages_replace(uint64_t start, size_t count, int access, uint8_t *const contents[])
{
    while (count && same((const void *)start, contents[0]))
        start += PAGE_SIZE, contents++, count--;
    while (count && same((const void *)(start + (count - 1) * PAGE_SIZE), contents[count - 1]))
        count--;
    return count ? target_memory_replace(start, count, access, (const uint8_t *const *)contents) : 0;
}

// Their access stays what it has to be; that is one change of page tables less.
static int restore_spare(struct mm *mm, struct saved_pages *from, const struct vma *v, uint64_t start, uint64_t end)
{
    uint8_t *contents[EXCHANGE_PAGES];
    const size_t count = (end - start) / PAGE_SIZE;
    int r = spare_claim(mm, start, end, v->prot);
    if (r)
        return r;
    for (size_t i = 0; i < count; i++)
        contents[i] = saved_take(from, start + i * PAGE_SIZE);
    r = pages_replace(start, count, v->prot, contents);
    for (size_t i = 0; i < count; i++)
        mirror_keep(mm, start + i * PAGE_SIZE, contents[i]);
    if (r)
        space_release_pages(start, end);
    return r;
}

static int restore_closed(struct mm *mm, struct saved_pages *from, const struct vma *v, uint64_t start, uint64_t end)
{
    return (is_spare(start) ? restore_spare : restore_new)(mm, from, v, start, end);
}

int space_restore(struct mm *mm, struct saved_pages *from, const struct vma *v, uint64_t start, uint64_t end)
{
    const bool closed = (v->prot & (PROT_READ | PROT_WRITE)) == PROT_READ && window_staging(mm->window);
    int r = 0;
    uint64_t stop;
    for (uint64_t at = saved_next(from, start); !r && at < end; at = saved_next(from, stop)) {
        stop = saved_run(from, at, end);
        stop = pages_run(at, stop); // there, or not
        hidden_uncover(mm->window, at, stop);
        if (closed && stop - at > EXCHANGE_PAGES * PAGE_SIZE)
            stop = at + EXCHANGE_PAGES * PAGE_SIZE;
        r = (closed ? restore_closed : restore_open)(mm, from, v, at, stop);
    }
    return r;
}
