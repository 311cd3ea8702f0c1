// SPDX-License-Identifier: MIT
//
// Pools of 16 MiB of reserved addresses with one bit per stub; pages are committed as stubs need them.
#include "kernel/mm/stubs.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/remains.h"
#include "kernel/mm/space.h"

#define POOL_SIZE 0x1000000ul
#define POOL_BITMAP_PAGES (POOL_SIZE / STUB_SIZE / 8 / PAGE_SIZE)
#define REACH 0x40000000ul // well inside a 4-byte distance

struct stub_pool {
    struct stub_pool *next;
    uint64_t base;
    uint8_t *used;
};

// One-byte opcodes that are undefined in 64-bit mode, on every processor and for good (SDM vol. 2, table A-2, "i64").
// In the order in which the top byte of a distance is tried: far from the code, out of the way of its heap.
static const uint8_t trapping[] = {0x3f, 0x37, 0x2f, 0x27, 0x1f, 0x1e, 0x17, 0x16, 0xea,
                                   0xd4, 0xce, 0x0e, 0x07, 0x06, 0x60, 0x61, 0x9a, 0x82};
enum { TRAPPING = sizeof(trapping) };

static bool is_used(const struct stub_pool *p, uint64_t stub)
{
    uint64_t i = (stub - p->base) / STUB_SIZE;
    return p->used[i / 8] >> (i % 8) & 1;
}

static void mark(struct stub_pool *p, uint64_t stub, bool used)
{
    uint64_t i = (stub - p->base) / STUB_SIZE;
    p->used[i / 8] = (uint8_t)((p->used[i / 8] & ~(1u << i % 8)) | (unsigned)used << i % 8);
}

static bool in_pool(const struct stub_pool *p, uint64_t stub)
{
    return stub >= p->base && stub < p->base + POOL_SIZE;
}

static const char pool_name[] = "[syscall]";

bool stubs_is_pool(const struct vma *v)
{
    return v->name == pool_name;
}

void stubs_insert_pool(struct mm *mm, uint64_t start, uint64_t end)
{
    const struct vma v = {.start = start,
                          .end = end,
                          .prot = PROT_READ | PROT_EXEC,
                          .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                          .name = pool_name};
    vma_insert(&mm->set, &v);
}

void stubs_for_each_pool(const struct rewritten *rw, void (*each)(uint64_t start, uint64_t end, void *), void *context)
{
    for (const struct stub_pool *p = rw->stub_pools; p; p = p->next)
        each(p->base, p->base + POOL_SIZE, context);
}

static int new_pool(struct mm *mm, uint64_t base)
{
    if (__atomic_load_n(&mm->rewritten->references, __ATOMIC_RELAXED) > 1) // the others would not know of it
        return -ENOMEM;
    if (base < mm->low || base > mm->high - POOL_SIZE || vma_find_gap(&mm->set, base, base + POOL_SIZE, POOL_SIZE) != base ||
        vma_reserve(&mm->set, 2))
        return -ENOMEM;
    struct stub_pool *p = kzalloc(sizeof(*p));
    uint8_t *used = p ? kpages_alloc(POOL_BITMAP_PAGES) : NULL;
    if (!used) {
        kfree(p);
        return -ENOMEM;
    }
    remains_meet(mm, NULL, base, base + POOL_SIZE);
    stubs_insert_pool(mm, base, base + POOL_SIZE);
    *p = (struct stub_pool){.next = mm->rewritten->stub_pools, .base = base, .used = used};
    mm->rewritten->stub_pools = p;
    return 0;
}

static bool committed(uint64_t stub)
{
    return pages_state(stub & ~(PAGE_SIZE - 1)) & PAGE_COMMITTED;
}

// A free stub in [block, block + 256), or 0.
static uint64_t free_in_block(const struct stub_pool *p, uint64_t block)
{
    uint64_t first = (block + STUB_SIZE - 1) & ~(uint64_t)(STUB_SIZE - 1);
    for (uint64_t stub = first; stub < block + 256; stub += STUB_SIZE)
        if (in_pool(p, stub) && !is_used(p, stub))
            return stub;
    return 0;
}

// Best of one pool: a committed page before a fresh one.
static uint64_t trapping_in_pool(const struct stub_pool *p, uint64_t jump_end)
{
    uint64_t fresh = 0;
    for (unsigned top = 0; top < TRAPPING; top++) {
        uint64_t low = jump_end + (uint64_t)(int64_t)(int32_t)((uint32_t)trapping[top] << 24);
        if (low + POOL_SIZE <= p->base || low >= p->base + POOL_SIZE)
            continue;
        for (unsigned i = 0; i < TRAPPING * TRAPPING; i++) {
            uint64_t block = low + ((uint64_t)trapping[i / TRAPPING] << 16) + ((uint64_t)trapping[i % TRAPPING] << 8);
            uint64_t stub = free_in_block(p, block);
            if (stub && committed(stub))
                return stub;
            if (stub && !fresh)
                fresh = stub;
        }
    }
    return fresh;
}

static uint64_t near_in_pool(const struct stub_pool *p, uint64_t address)
{
    uint64_t distance = p->base > address ? p->base - address : address - p->base;
    if (distance > REACH)
        return 0;
    for (uint64_t stub = p->base; stub < p->base + POOL_SIZE; stub += STUB_SIZE)
        if (!is_used(p, stub))
            return stub;
    return 0;
}

static uint64_t take(struct mm *mm, struct stub_pool *p, uint64_t stub)
{
    struct vma *v = vma_at(&mm->set, stub);
    uint64_t page = stub & ~(PAGE_SIZE - 1);
    if (!v || (!committed(stub) && space_commit(mm, v, page, page + PAGE_SIZE)))
        return 0;
    mark(p, stub, true);
    return stub;
}

static uint64_t find(struct mm *mm, uint64_t address, uint64_t (*in_one)(const struct stub_pool *p, uint64_t address))
{
    for (struct stub_pool *p = mm->rewritten->stub_pools; p; p = p->next) {
        uint64_t stub = in_one(p, address);
        if (stub)
            return take(mm, p, stub);
    }
    return 0;
}

static uint64_t allocate(struct mm *mm, uint64_t address, uint64_t (*in_one)(const struct stub_pool *p, uint64_t address))
{
    mutex_lock(&mm->lock);
    uint64_t stub = find(mm, address, in_one);
    for (unsigned i = 0; !stub && i < TRAPPING; i++) {
        uint64_t base = (address + (uint64_t)(int64_t)(int32_t)((uint32_t)trapping[i] << 24)) & ~(PAGE_SIZE - 1);
        if (!new_pool(mm, base))
            stub = find(mm, address, in_one);
    }
    mutex_unlock(&mm->lock);
    return stub;
}

uint64_t mm_stub_alloc(struct mm *mm, uint64_t address)
{
    return allocate(mm, address, near_in_pool);
}

uint64_t mm_stub_alloc_trapping(struct mm *mm, uint64_t jump_end)
{
    return allocate(mm, jump_end, trapping_in_pool);
}

void mm_stub_free(struct mm *mm, uint64_t stub)
{
    mutex_lock(&mm->lock);
    for (struct stub_pool *p = mm->rewritten->stub_pools; p; p = p->next)
        if (in_pool(p, stub))
            mark(p, stub, false);
    mutex_unlock(&mm->lock);
}

void stubs_end(struct rewritten *rw)
{
    while (rw->stub_pools) {
        struct stub_pool *p = rw->stub_pools;
        rw->stub_pools = p->next;
        kpages_free(p->used, POOL_BITMAP_PAGES);
        kfree(p);
    }
}
