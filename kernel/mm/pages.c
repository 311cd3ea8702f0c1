// SPDX-License-Identifier: MIT
#include "kernel/mm/pages.h"

#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"

enum { REGION_SHIFT = 30, LEAF_SHIFT = 21, LEAF_PAGES = 512, LEAVES = 512 };

struct region { // 1 GiB
    uint8_t *leaves[LEAVES]; // one byte per page of 2 MiB; never freed
};

static struct region *regions[USER_END >> REGION_SHIFT];
static struct mutex grow_lock;

static uint8_t *leaf_of(uint64_t address)
{
    struct region *r = __atomic_load_n(&regions[address >> REGION_SHIFT], __ATOMIC_ACQUIRE);
    return r ? __atomic_load_n(&r->leaves[(address >> LEAF_SHIFT) % LEAVES], __ATOMIC_ACQUIRE) : NULL;
}

uint8_t pages_state(uint64_t address)
{
    const uint8_t *leaf = leaf_of(address);
    return leaf ? leaf[(address >> PAGE_SHIFT) % LEAF_PAGES] : 0;
}

static int prepare_leaf(uint64_t address)
{
    if (leaf_of(address))
        return 0;
    mutex_lock(&grow_lock);
    struct region **r = &regions[address >> REGION_SHIFT];
    if (!*r)
        __atomic_store_n(r, (struct region *)kzalloc(sizeof(**r)), __ATOMIC_RELEASE);
    int result = *r ? 0 : -ENOMEM;
    uint8_t **leaf = *r ? &(*r)->leaves[(address >> LEAF_SHIFT) % LEAVES] : NULL;
    if (leaf && !*leaf) {
        uint8_t *fresh = kzalloc(LEAF_PAGES);
        __atomic_store_n(leaf, fresh, __ATOMIC_RELEASE);
        result = fresh ? 0 : -ENOMEM;
    }
    mutex_unlock(&grow_lock);
    return result;
}

int pages_prepare(uint64_t start, uint64_t end)
{
    for (uint64_t at = start; at < end; at = ((at >> LEAF_SHIFT) + 1) << LEAF_SHIFT) {
        int r = prepare_leaf(at);
        if (r)
            return r;
    }
    return 0;
}

void pages_set(uint64_t start, uint64_t end, uint8_t state)
{
    while (start < end) {
        uint64_t stop = ((start >> LEAF_SHIFT) + 1) << LEAF_SHIFT;
        if (stop > end)
            stop = end;
        uint8_t *leaf = leaf_of(start);
        if (leaf)
            memset(leaf + (start >> PAGE_SHIFT) % LEAF_PAGES, state, (stop - start) >> PAGE_SHIFT);
        start = stop;
    }
}

uint64_t pages_run(uint64_t start, uint64_t limit)
{
    uint8_t state = pages_state(start);
    uint64_t at = start;
    while (at < limit) {
        const uint8_t *leaf = leaf_of(at);
        uint64_t stop = ((at >> LEAF_SHIFT) + 1) << LEAF_SHIFT;
        if (stop > limit)
            stop = limit;
        if (!leaf) {
            if (state)
                return at;
            uint64_t region_stop = ((at >> REGION_SHIFT) + 1) << REGION_SHIFT;
            at = regions[at >> REGION_SHIFT] || region_stop > limit ? stop : region_stop;
            continue;
        }
        for (; at < stop; at += PAGE_SIZE)
            if (leaf[(at >> PAGE_SHIFT) % LEAF_PAGES] != state)
                return at;
    }
    return limit;
}

uint64_t pages_committed(uint64_t start, uint64_t end)
{
    uint64_t count = 0;
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        count += pages_state(at) & PAGE_COMMITTED ? (stop - at) / PAGE_SIZE : 0;
    }
    return count;
}
