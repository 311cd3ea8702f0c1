// SPDX-License-Identifier: MIT
#include "kernel/mm/saved.h"

#include <stddef.h>

#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"

enum { LEAF_PAGES = 512, LEAF_SHIFT = 21 };

struct saved_leaf {
    uint64_t number; // address >> LEAF_SHIFT
    uint32_t used;
    uint8_t **pages;
};

// Index of the first leaf at or above `number`.
static unsigned position(const struct saved_pages *s, uint64_t number)
{
    unsigned low = 0, high = s->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (s->leaves[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct saved_leaf *find(const struct saved_pages *s, uint64_t address)
{
    unsigned i = position(s, address >> LEAF_SHIFT);
    return i < s->count && s->leaves[i].number == address >> LEAF_SHIFT ? &s->leaves[i] : NULL;
}

static struct saved_leaf *make(struct saved_pages *s, uint64_t address)
{
    unsigned i = position(s, address >> LEAF_SHIFT);
    if (s->count == s->room) {
        unsigned room = s->room ? 2 * s->room : 8;
        struct saved_leaf *grown = krealloc(s->leaves, room * sizeof(*grown));
        if (!grown)
            return NULL;
        s->leaves = grown;
        s->room = room;
    }
    uint8_t **pages = kzalloc(LEAF_PAGES * sizeof(*pages));
    if (!pages)
        return NULL;
    memmove(&s->leaves[i + 1], &s->leaves[i], (s->count - i) * sizeof(s->leaves[0]));
    s->leaves[i] = (struct saved_leaf){.number = address >> LEAF_SHIFT, .pages = pages};
    s->count++;
    return &s->leaves[i];
}

static unsigned slot(uint64_t address)
{
    return (unsigned)(address >> PAGE_SHIFT) % LEAF_PAGES;
}

int saved_put(struct saved_pages *s, uint64_t address, uint8_t *page)
{
    struct saved_leaf *l = find(s, address);
    if (!l)
        l = make(s, address);
    if (!l)
        return -ENOMEM;
    l->pages[slot(address)] = page;
    l->used++;
    return 0;
}

uint8_t *saved_take(struct saved_pages *s, uint64_t address)
{
    struct saved_leaf *l = find(s, address);
    uint8_t *page = l ? l->pages[slot(address)] : NULL;
    if (!page)
        return NULL;
    l->pages[slot(address)] = NULL;
    l->used--;
    return page;
}

uint64_t saved_next(const struct saved_pages *s, uint64_t from)
{
    for (unsigned i = position(s, from >> LEAF_SHIFT); i < s->count; i++) {
        const struct saved_leaf *l = &s->leaves[i];
        unsigned start = l->number == from >> LEAF_SHIFT ? slot(from) : 0;
        for (unsigned n = start; l->used && n < LEAF_PAGES; n++)
            if (l->pages[n])
                return (l->number << LEAF_SHIFT) + ((uint64_t)n << PAGE_SHIFT);
    }
    return UINT64_MAX;
}

uint64_t saved_run(const struct saved_pages *s, uint64_t start, uint64_t limit)
{
    uint64_t at = start;
    while (at < limit && saved_next(s, at) == at)
        at += PAGE_SIZE;
    return at;
}

void saved_drop(struct saved_pages *s, uint64_t start, uint64_t end)
{
    for (uint64_t at = saved_next(s, start); at < end; at = saved_next(s, at + PAGE_SIZE))
        kpages_free(saved_take(s, at), 1);
}

void saved_free(struct saved_pages *s)
{
    saved_drop(s, 0, USER_END);
    for (unsigned i = 0; i < s->count; i++)
        kfree(s->leaves[i].pages);
    kfree(s->leaves);
    *s = (struct saved_pages){0};
}
