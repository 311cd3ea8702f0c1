// SPDX-License-Identifier: MIT
//
// Kernel memory: page runs carved from committed chunks, and kmalloc on top of them.
//
// Page runs are powers of two up to a chunk and come from free lists; larger ones are reserved and committed one by one.
// kmalloc keeps a 16-byte header in front of every object, which holds its class or its page count. An object of whole pages begins a
// cache line: `rep movsb` takes twice as long to where a page's place is 16 bytes above the source's (seen on AMD's). Committing memory is
// a host call, so growth runs under a mutex and never under a spin lock.
#include "kernel/mm/heap.h"

#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/account.h"
#include "kernel/sync/sync.h"

enum { CHUNK_ORDER = 8, CHUNK_PAGES = 1 << CHUNK_ORDER, CLASSES = 8, SMALLEST = 32, HEADER = 16, LINE = 64 };

struct free_run {
    struct free_run *next;
    size_t count; // of a large run, pages
};

struct header {
    uint32_t class; // CLASSES: a page run
    uint32_t magic;
    uint64_t pages;
};
_Static_assert(sizeof(struct header) == HEADER, "kmalloc alignment");
#define HEADER_MAGIC 0x6d656d31u

static struct spin lists_lock;
/* guarded by lists_lock: */
static struct free_run *free_runs[CHUNK_ORDER + 1];
static struct free_run *free_objects[CLASSES];
static size_t free_pages; // atomic: in free_runs

static struct mutex growth_lock;
/* guarded by growth_lock: */
static uint64_t next_address;

void heap_init(void)
{
    next_address = KERNEL_HEAP_BASE;
}

static size_t class_size(unsigned class)
{
    return (size_t)SMALLEST << class; // 32 .. 4096
}

static void *pop(struct free_run **list)
{
    spin_lock(&lists_lock);
    struct free_run *r = *list;
    if (r)
        *list = r->next;
    spin_unlock(&lists_lock);
    return r;
}

static void push(struct free_run **list, void *p)
{
    struct free_run *r = p;
    spin_lock(&lists_lock);
    r->next = *list;
    *list = r;
    spin_unlock(&lists_lock);
}

static void *pop_run(unsigned order)
{
    void *p = pop(&free_runs[order]);
    if (p)
        __atomic_sub_fetch(&free_pages, 1ul << order, __ATOMIC_RELAXED);
    return p;
}

static void push_run(unsigned order, void *p)
{
    __atomic_add_fetch(&free_pages, 1ul << order, __ATOMIC_RELAXED); // first: it never counts below zero
    push(&free_runs[order], p);
}

size_t kpages_free_count(void)
{
    return __atomic_load_n(&free_pages, __ATOMIC_RELAXED);
}

static void *reserve(size_t count)
{
    mutex_lock(&growth_lock);
    void *p = NULL;
    if (count <= (KERNEL_HEAP_END - next_address) / PAGE_SIZE) {
        p = (void *)next_address;
        next_address += count * PAGE_SIZE;
    }
    mutex_unlock(&growth_lock);
    return p;
}

void *kpages_reserve(size_t count)
{
    return reserve(count);
}

int kpages_commit(void *p, size_t count)
{
    int r = account_commit(count);
    if (r)
        return r;
    r = target_memory_commit((uintptr_t)p, count * PAGE_SIZE, PROT_READ | PROT_WRITE);
    if (r)
        account_release(count);
    return r;
}

void kpages_decommit(void *p, size_t count)
{
    if (!target_memory_remove((uintptr_t)p, count * PAGE_SIZE))
        account_release(count);
}

static void *new_pages(size_t count)
{
    void *p = reserve(count);
    return p && !kpages_commit(p, count) ? p : NULL;
}

static unsigned order_of(size_t count)
{
    unsigned order = 0;
    while (((size_t)1 << order) < count)
        order++;
    return order;
}

// A run of 2^order pages, contents undefined.
static void *run_alloc(unsigned order)
{
    unsigned have = order;
    void *p = NULL;
    for (; have <= CHUNK_ORDER && !(p = pop_run(have)); have++)
        ;
    if (!p) {
        p = new_pages(CHUNK_PAGES);
        have = CHUNK_ORDER;
    }
    for (; p && have > order; have--) // the upper halves go back
        push_run(have - 1, (char *)p + ((PAGE_SIZE << have) / 2));
    return p;
}

void *kpages_alloc_dirty(size_t count)
{
    return count > CHUNK_PAGES ? new_pages(count) : run_alloc(order_of(count));
}

void *kpages_alloc(size_t count)
{
    void *p = kpages_alloc_dirty(count);
    if (p && count <= CHUNK_PAGES) // larger ones are fresh, and fresh pages are zero
        memset(p, 0, count * PAGE_SIZE);
    return p;
}

void kpages_free(void *p, size_t count)
{
    if (!p)
        return;
    if (count > CHUNK_PAGES)
        kpages_decommit(p, count);
    else
        push_run(order_of(count), p);
}

static void *object_alloc(unsigned class)
{
    struct free_run *r = pop(&free_objects[class]);
    if (r)
        return r;
    enum { SLAB_ORDER = 2, SLAB_SIZE = 4 << PAGE_SHIFT };
    char *slab = run_alloc(SLAB_ORDER);
    if (!slab)
        return NULL;
    for (size_t at = class_size(class); at + class_size(class) <= SLAB_SIZE; at += class_size(class))
        push(&free_objects[class], slab + at);
    return slab;
}

void *kmalloc(size_t size)
{
    if (size > KERNEL_HEAP_END - KERNEL_HEAP_BASE)
        return NULL;
    size_t whole = size + HEADER;
    unsigned class = 0;
    while (class < CLASSES && class_size(class) < whole)
        class ++;
    size_t pages = (size + LINE + PAGE_SIZE - 1) / PAGE_SIZE;
    char *p = class < CLASSES ? object_alloc(class) : kpages_alloc_dirty(pages);
    if (!p)
        return NULL;
    p += class < CLASSES ? HEADER : LINE;
    *((struct header *)p - 1) = (struct header){class, HEADER_MAGIC, pages};
    return p;
}

void *kzalloc(size_t size)
{
    void *p = kmalloc(size);
    if (p)
        memset(p, 0, size);
    return p;
}

void kfree(void *p)
{
    if (!p)
        return;
    struct header *h = (struct header *)p - 1;
    ASSERT(h->magic == HEADER_MAGIC);
    h->magic = 0;
    if (h->class < CLASSES)
        push(&free_objects[h->class], h);
    else
        kpages_free((char *)p - LINE, h->pages);
}

void *krealloc(void *p, size_t size)
{
    if (!p)
        return kmalloc(size);
    struct header *h = (struct header *)p - 1;
    size_t room = h->class < CLASSES ? class_size(h->class) - HEADER : h->pages * PAGE_SIZE - LINE;
    if (size <= room)
        return p;
    void *larger = kmalloc(size);
    if (!larger)
        return NULL;
    memcpy(larger, p, room);
    kfree(p);
    return larger;
}
