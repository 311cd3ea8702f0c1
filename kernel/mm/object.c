// SPDX-License-Identifier: MIT
#include "kernel/mm/object.h"

#include <stddef.h>

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/account.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/mm/vma.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/open_file.h"

enum { PLACES = 4, LEAF_SLOTS = 128, WINDOW = 16, HOLE_WINDOW = 256 }; // windows in pages
#define EXCLUSIVE 1ul                                                            // in at[0], which is the only one then

struct places { // where one page of the file has copies; 0: none
    uint64_t at[PLACES];
};

struct object {
    struct mutex lock;
    /* guarded by lock: */
    struct places **leaves; // of LEAF_SLOTS pages each
    size_t count;
};

static struct places *find(const struct object *o, uint64_t slot)
{
    struct places *leaf = slot / LEAF_SLOTS < o->count ? o->leaves[slot / LEAF_SLOTS] : NULL;
    return leaf ? leaf + slot % LEAF_SLOTS : NULL;
}

static int make(struct object *o, uint64_t slot)
{
    size_t leaf = slot / LEAF_SLOTS;
    if (leaf >= o->count) {
        size_t count = o->count ? o->count : 8;
        while (count <= leaf)
            count *= 2;
        struct places **larger = krealloc(o->leaves, count * sizeof(struct places *));
        if (!larger)
            return -ENOMEM;
        memset(larger + o->count, 0, (count - o->count) * sizeof(struct places *));
        o->leaves = larger;
        o->count = count;
    }
    if (!o->leaves[leaf])
        o->leaves[leaf] = kzalloc(LEAF_SLOTS * sizeof(struct places));
    return o->leaves[leaf] ? 0 : -ENOMEM;
}

int object_attach(struct node *n)
{
    if (__atomic_load_n(&n->object, __ATOMIC_ACQUIRE))
        return 0;
    struct object *o = kzalloc(sizeof(*o));
    if (!o)
        return -ENOMEM;
    mutex_lock(&n->data_lock);
    if (!n->object) {
        __atomic_store_n(&n->object, o, __ATOMIC_RELEASE);
        o = NULL;
    }
    mutex_unlock(&n->data_lock);
    kfree(o);
    return 0;
}

void object_free(struct node *n)
{
    struct object *o = n->object;
    for (size_t i = 0; o && i < o->count; i++)
        kfree(o->leaves[i]);
    kfree(o ? o->leaves : NULL);
    kfree(o);
}

void object_enter(struct node *n)
{
    for (;;) {
        struct object *o = __atomic_load_n(&n->object, __ATOMIC_ACQUIRE);
        if (o)
            mutex_lock(&o->lock);
        mutex_lock(&n->data_lock);
        if (o || !n->object) // it cannot come while data_lock is held
            return;
        mutex_unlock(&n->data_lock);
    }
}

void object_leave(struct node *n)
{
    struct object *o = n->object;
    mutex_unlock(&n->data_lock);
    if (o)
        mutex_unlock(&o->lock);
}

static uint64_t address_of(uint64_t at)
{
    return at & ~EXCLUSIVE;
}

static bool is_exclusive(const struct places *p)
{
    return p && p->at[0] & EXCLUSIVE;
}

static int index_of(const struct places *p, uint64_t address)
{
    for (int i = 0; p && i < PLACES; i++)
        if (p->at[i] && address_of(p->at[i]) == address)
            return i;
    return -1;
}

static int set_access(uint64_t start, uint64_t end, int prot)
{
    int old = pages_state(start) & ~PAGE_COMMITTED;
    int r = old == prot ? 0 : target_memory_protect(start, end - start, old, prot);
    if (!r)
        pages_set(start, end, (uint8_t)(PAGE_COMMITTED | prot));
    return r;
}

static bool all_zero(const uint64_t *words)
{
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i++)
        if (words[i])
            return false;
    return true;
}

// A copy that can no longer be written goes to the home; what stands behind the end of the file is no part of it.
static int store(struct node *n, uint64_t slot, uint64_t address)
{
    uint64_t offset = slot * PAGE_SIZE;
    if (offset >= n->size)
        return 0;
    uint64_t size = n->size - offset < PAGE_SIZE ? n->size - offset : PAGE_SIZE;
    if (content_is_hole(n, offset, size) && all_zero((const uint64_t *)address))
        return 0;
    long done = content_store(n, (const void *)address, size, offset);
    return done == (long)size ? 0 : -ENOMEM;
}

// When the home has no room the copy stays exclusive; its next write finds the way back (upgrade).
static int clean(struct node *n, uint64_t slot, struct places *p)
{
    uint64_t at = address_of(p->at[0]);
    int r = set_access(at, at + PAGE_SIZE, pages_state(at) & ~PAGE_COMMITTED & ~PROT_WRITE);
    if (!r)
        r = store(n, slot, at);
    if (!r)
        p->at[0] = at;
    return r;
}

static void take_away(struct places *p, int i)
{
    uint64_t at = address_of(p->at[i]);
    space_release_pages(at, at + PAGE_SIZE);
    p->at[i] = 0;
}

static void take_others_away(struct places *p, uint64_t but)
{
    for (int i = 0; p && i < PLACES; i++)
        if (p->at[i] && address_of(p->at[i]) != but)
            take_away(p, i);
}

static void add(struct places *p, uint64_t at)
{
    int i = 0;
    while (i < PLACES && p->at[i])
        i++;
    if (i == PLACES) // one gives way
        take_away(p, i = 0);
    p->at[i] = at;
    if (at & EXCLUSIVE)
        ASSERT(!i);
}

static uint64_t slot_of(const struct vma *v, uint64_t address)
{
    return (v->offset + (address - v->start)) / PAGE_SIZE;
}

static int access_of(const struct vma *v, bool exclusive)
{
    int prot = v->prot | PROT_READ; // x86 has no memory that can be written and not be read
    return exclusive ? prot : prot & ~PROT_WRITE;
}

// May this page be brought along, next to one that faulted?
static bool may_bring(const struct object *o, const struct vma *v, uint64_t page, bool write)
{
    const struct places *p = find(o, slot_of(v, page));
    return !(pages_state(page) & PAGE_COMMITTED) && (write ? !p || !(p->at[0] | p->at[1] | p->at[2] | p->at[3]) : !is_exclusive(p));
}

static void window(const struct vma *v, uint64_t page, bool write, uint64_t *ret_start, uint64_t *ret_end)
{
    struct node *n = v->file->node;
    uint64_t pages = content_is_hole(n, v->offset + (page - v->start), PAGE_SIZE) ? HOLE_WINDOW : WINDOW, size = pages * PAGE_SIZE;
    uint64_t low = page & ~(size - 1), high = low + size, file_end = (n->size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    uint64_t start = page, end = page + PAGE_SIZE;
    low = low > v->start ? low : v->start;
    high = high < v->end ? high : v->end;
    while (start > low && pages == WINDOW && may_bring(n->object, v, start - PAGE_SIZE, write))
        start -= PAGE_SIZE;
    while (end < high && v->offset + (end - v->start) < file_end && may_bring(n->object, v, end, write) &&
           (pages == WINDOW || content_is_hole(n, v->offset + (end - v->start), PAGE_SIZE)))
        end += PAGE_SIZE;
    *ret_start = start;
    *ret_end = end;
}

static int commit(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end, int prot)
{
    struct node *n = v->file->node;
    uint64_t offset = v->offset + (start - v->start), size = end - start;
    if (content_is_hole(n, offset, size))
        return target_memory_commit(start, size, prot);
    uint8_t *staging = space_staging(mm);
    if (!staging)
        return -ENOMEM;
    long got = file_checked(v->file, content_map_locked(n, staging, size, offset));
    if (got < 0)
        return (int)got;
    memset(staging + got, 0, size - (uint64_t)got); // the rest of the last page
    return target_memory_commit_copy(start, size, prot, staging);
}

static int bring(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end, bool write)
{
    struct object *o = v->file->node->object;
    size_t pages = (end - start) / PAGE_SIZE;
    int r = pages_prepare(start, end);
    for (uint64_t at = start; !r && at < end; at += PAGE_SIZE)
        r = make(o, slot_of(v, at));
    if (r || (r = account_commit(pages)))
        return r;
    r = commit(mm, v, start, end, access_of(v, write));
    if (r) {
        account_release(pages);
        return r;
    }
    pages_set(start, end, (uint8_t)(PAGE_COMMITTED | access_of(v, write)));
    for (uint64_t at = start; at < end; at += PAGE_SIZE)
        add(find(o, slot_of(v, at)), at | (write ? EXCLUSIVE : 0));
    return 0;
}

static int upgrade(const struct vma *v, struct places *p, uint64_t page)
{
    take_others_away(p, page);
    int r = set_access(page, page + PAGE_SIZE, access_of(v, true));
    if (r)
        return r;
    memset(p, 0, sizeof(*p));
    p->at[0] = page | EXCLUSIVE;
    return 0;
}

static int bring_window(struct mm *mm, const struct vma *v, uint64_t page, bool write)
{
    uint64_t start, end;
    window(v, page, write, &start, &end);
    int r = bring(mm, v, start, end, write);
    if (r && end - start > PAGE_SIZE)
        r = bring(mm, v, page, page + PAGE_SIZE, write); // memory is short, or a neighbour's block is bad
    return r;
}

static int fault(struct mm *mm, const struct vma *v, uint64_t page, bool write)
{
    struct node *n = v->file->node;
    uint64_t slot = slot_of(v, page);
    struct places *p = find(n->object, slot);
    if (slot * PAGE_SIZE >= n->size)
        return -EIO;
    if (index_of(p, page) >= 0) // here: another thread was faster, or it is to be written for the first time
        return write && !(pages_state(page) & PROT_WRITE) ? upgrade(v, p, page) : 0;
    int r = is_exclusive(p) ? clean(n, slot, p) : 0;
    if (r)
        return r;
    if (write)
        take_others_away(p, 0);
    return bring_window(mm, v, page, write);
}

int object_fault(struct mm *mm, struct vma *v, uint64_t page, bool write)
{
    struct node *n = v->file->node;
    object_enter(n);
    int r = fault(mm, v, page, write);
    if (!r && write)
        node_touch(n);
    object_leave(n);
    return r;
}

// Nobody writes to the copies of the range any more, and the home is up to date.
static int clean_range(const struct vma *v, uint64_t start, uint64_t end)
{
    struct node *n = v->file->node;
    for (uint64_t at = start, stop; at < end; at = stop) {
        uint8_t state = pages_state(at);
        stop = pages_run(at, end);
        if (!(state & PAGE_COMMITTED))
            continue;
        int r = state & PROT_WRITE ? set_access(at, stop, state & ~PAGE_COMMITTED & ~PROT_WRITE) : 0;
        for (uint64_t page = at; !r && page < stop; page += PAGE_SIZE) {
            struct places *p = find(n->object, slot_of(v, page));
            if (is_exclusive(p))
                r = clean(n, slot_of(v, page), p);
        }
        if (r)
            return r;
    }
    return 0;
}

static void forget_range(const struct vma *v, uint64_t start, uint64_t end)
{
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        for (uint64_t page = at; pages_state(at) & PAGE_COMMITTED && page < stop; page += PAGE_SIZE) {
            struct places *p = find(v->file->node->object, slot_of(v, page));
            int i = index_of(p, page);
            ASSERT(i >= 0);
            p->at[i] = 0;
        }
    }
    space_release_pages(start, end);
}

int object_recall(const struct vma *v, uint64_t start, uint64_t end)
{
    struct node *n = v->file->node;
    object_enter(n);
    int r = clean_range(v, start, end);
    if (!r)
        forget_range(v, start, end);
    object_leave(n);
    return r ? -ENOMEM : 0;
}

void object_recall_always(const struct vma *v, uint64_t start, uint64_t end, bool last)
{
    struct node *n = v->file->node;
    object_enter(n);
    if (!last && clean_range(v, start, end))
        kernel_stop("not enough memory to keep what was written to shared memory; raise MemorySize or --memory-size");
    forget_range(v, start, end);
    object_leave(n);
}

// The next page at or behind slot, below end, that has copies; end: none.
static uint64_t next_copied(const struct object *o, uint64_t slot, uint64_t end)
{
    while (slot < end) {
        if (slot / LEAF_SLOTS >= o->count)
            return end;
        const struct places *p = find(o, slot);
        if (!p)
            slot = (slot / LEAF_SLOTS + 1) * LEAF_SLOTS;
        else if (p->at[0] | p->at[1] | p->at[2] | p->at[3])
            return slot;
        else
            slot++;
    }
    return end;
}

static uint64_t end_slot(uint64_t offset, uint64_t size)
{
    return size > UINT64_MAX - PAGE_SIZE - offset ? UINT64_MAX : (offset + size + PAGE_SIZE - 1) / PAGE_SIZE;
}

int object_clean(struct node *n, uint64_t offset, uint64_t size)
{
    struct object *o = n->object;
    uint64_t end = end_slot(offset, size);
    int r = 0;
    for (uint64_t slot = o ? next_copied(o, offset / PAGE_SIZE, end) : end; !r && slot < end; slot = next_copied(o, slot + 1, end))
        if (is_exclusive(find(o, slot)))
            r = clean(n, slot, find(o, slot));
    return r;
}

int object_evict(struct node *n, uint64_t offset, uint64_t size)
{
    struct object *o = n->object;
    uint64_t end = end_slot(offset, size);
    int r = object_clean(n, offset, size);
    for (uint64_t slot = o && !r ? next_copied(o, offset / PAGE_SIZE, end) : end; slot < end; slot = next_copied(o, slot + 1, end))
        take_others_away(find(o, slot), 0);
    return r;
}

void object_discard(struct node *n, uint64_t offset)
{
    struct object *o = n->object;
    for (uint64_t slot = o ? next_copied(o, offset / PAGE_SIZE, UINT64_MAX) : UINT64_MAX; slot != UINT64_MAX;
         slot = next_copied(o, slot + 1, UINT64_MAX))
        take_others_away(find(o, slot), 0);
}
