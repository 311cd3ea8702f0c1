// SPDX-License-Identifier: MIT
#include "kernel/mm/remains.h"

#include <stddef.h>

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/account.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/hidden.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/restore.h"
#include "kernel/mm/saved.h"
#include "kernel/mm/space.h"
#include "kernel/mm/spare.h"
#include "kernel/mm/stubs.h"
#include "kernel/vfs/file.h"

struct remains {
    struct file *program;
    struct rewritten *rewritten; // NULL: a space has it
    struct vma_set set;
    bool in_place;
    struct saved_pages aside; // else the pages
    size_t aside_count;
};

enum { ASIDE_MOST = 1024 }; // pages

struct collection {
    struct remains *remains;
    struct mm *mm; // whose
};

static bool same_bytes(struct file *a, struct file *b)
{
    struct file_place x, y;
    return file_image_place(a, &x) && file_image_place(b, &y) && x.image == y.image && x.offset == y.offset;
}

bool remains_of(const struct remains *r, struct file *program)
{
    return r && program && same_bytes(r->program, program);
}

static void give_back(uint64_t start, uint64_t end)
{
    for (uint64_t stop; start < end; start = stop) {
        stop = pages_run(start, end);
        if (!(pages_state(start) & PAGE_REMAINS))
            continue;
        (void)target_memory_remove(start, stop - start); // stops the enclave if the host refuses
        account_release((stop - start) / PAGE_SIZE);
        pages_set(start, stop, 0);
    }
}

// Exchanges one mark for the other.
static void mark(uint64_t start, uint64_t end, uint8_t from, uint8_t to)
{
    for (uint64_t stop; start < end; start = stop) {
        stop = pages_run(start, end);
        uint8_t state = pages_state(start);
        if (state & from)
            pages_set(start, stop, (uint8_t)((state & ~from) | to));
    }
}

static void leave(uint64_t start, uint64_t end, void *context)
{
    mark(start, end, PAGE_COMMITTED, PAGE_REMAINS);
}

// When they are too many, or memory is short, the rest is missing: aside_count says so.
static void set_aside(uint64_t start, uint64_t end, void *context)
{
    const struct collection *c = context;
    struct remains *r = c->remains;
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        const bool there = (pages_state(at) & (PAGE_COMMITTED | PROT_READ)) == (PAGE_COMMITTED | PROT_READ);
        for (uint64_t page = at; there && page < stop && r->aside_count < ASIDE_MOST; page += PAGE_SIZE) {
            uint8_t *copy = mirror_take_or_copy(c->mm, page);
            bool kept = copy && !saved_put(&r->aside, page, copy);
            if (copy && !kept)
                kpages_free(copy, 1);
            r->aside_count = kept ? r->aside_count + 1 : ASIDE_MOST;
        }
    }
}

static void release_stubs(uint64_t start, uint64_t end, void *context)
{
    give_back(start, end);
}

static bool is_clean(const struct vma *v)
{
    struct file_place place;
    return v->file && !vma_shared(v) && !v->written && file_image_place(v->file, &place);
}

// The parts of `old` that the last space did not map again.
static void give_back_rest(const struct vma_set *old, const struct vma_set *now)
{
    for (size_t i = 0; i < old->count; i++) {
        const struct vma *o = &old->vmas[i];
        for (uint64_t at = o->start, stop; at < o->end; at = stop) {
            const struct vma *v = vma_find(now, at);
            bool kept = v && v->start <= at;
            stop = kept ? v->end : v && v->start < o->end ? v->start : o->end;
            if (!kept)
                give_back(at, stop);
        }
    }
}

static void free_set(struct vma_set *s)
{
    for (size_t i = 0; i < s->count; i++)
        file_put(s->vmas[i].file);
    vma_set_free(s);
}

static struct remains *collect(struct mm *mm, void (*leave_range)(uint64_t start, uint64_t end, void *))
{
    struct file_place place;
    struct remains *r = mm->program && file_image_place(mm->program, &place) ? kzalloc(sizeof(*r)) : NULL;
    if (!r || vma_reserve(&r->set, mm->set.count)) {
        kfree(r);
        return NULL;
    }
    r->program = file_get(mm->program);
    r->in_place = leave_range == leave;
    r->rewritten = mm->rewritten;
    __atomic_add_fetch(&r->rewritten->references, 1, __ATOMIC_RELAXED);
    struct collection c = {r, mm};
    stubs_for_each_pool(r->rewritten, leave_range, &c);
    for (size_t i = 0; i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        if (!is_clean(v))
            continue;
        leave_range(v->start, v->end, &c);
        r->set.vmas[r->set.count++] = *v;
        file_get(v->file);
    }
    return r;
}

struct remains *remains_keep(struct mm *mm, struct remains *old)
{
    static const struct vma_set none;
    struct remains *r = collect(mm, leave);
    if (old) {
        give_back_rest(&old->set, r ? &r->set : &none);
        file_put(old->program);
        free_set(&old->set);
        kfree(old);
    }
    return r;
}

struct remains *remains_set_aside(struct mm *mm)
{
    struct remains *r = collect(mm, set_aside);
    if (r && r->aside_count < ASIDE_MOST)
        return r;
    remains_release(r); // a jump without its stub would lead nowhere
    return NULL;
}

void remains_release(struct remains *r)
{
    static const struct vma_set none;
    if (!r)
        return;
    if (r->in_place)
        give_back_rest(&r->set, &none);
    if (r->rewritten && r->in_place)
        stubs_for_each_pool(r->rewritten, release_stubs, NULL);
    if (r->rewritten)
        rewritten_put(r->rewritten);
    saved_free(&r->aside);
    file_put(r->program);
    free_set(&r->set);
    kfree(r);
}

static void insert_stubs(uint64_t start, uint64_t end, void *context)
{
    struct mm *mm = context;
    stubs_insert_pool(mm, start, end); // room was reserved
    mark(start, end, PAGE_REMAINS, PAGE_COMMITTED);
}

static void count_pool(uint64_t start, uint64_t end, void *context)
{
    ++*(size_t *)context;
}

bool remains_adopt(struct mm *mm, struct remains *r)
{
    size_t pools = 0;
    if (!r || !r->rewritten)
        return false;
    stubs_for_each_pool(r->rewritten, count_pool, &pools);
    if (vma_reserve(&mm->set, pools))
        return false;
    mm->rewritten = r->rewritten;
    mm->rewritten->starts++;
    r->rewritten = NULL;
    stubs_for_each_pool(mm->rewritten, insert_stubs, mm);
    return true;
}

static void return_stubs(uint64_t start, uint64_t end, void *context)
{
    struct mm *mm = context;
    const struct vma *v = vma_at(&mm->set, start);
    hidden_uncover(mm->window, start, end);
    if (space_restore(mm, &mm->dormant->aside, v, start, end))
        saved_free(&mm->dormant->aside); // no text that leads to them, then
    spare_meet(mm, v, start, end);
}

bool remains_return(struct mm *mm, struct remains *r)
{
    mm->dormant = r;
    if (!remains_adopt(mm, r)) {
        saved_free(&r->aside);
        return false;
    }
    stubs_for_each_pool(mm->rewritten, return_stubs, mm);
    return true;
}

static bool shows_the_same(const struct vma *v, const struct vma *o)
{
    return v && v->file && !vma_shared(v) && !v->written && v->offset - v->start == o->offset - o->start &&
           same_bytes(v->file, o->file);
}

// What was set aside of the same. What does not come back comes from its file.
static void bring_back(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    struct remains *r = mm->dormant;
    for (const struct vma *o = vma_find(&r->set, start); o && o < r->set.vmas + r->set.count && o->start < end; o++)
        if (shows_the_same(v, o))
            (void)space_restore(mm, &r->aside, v, o->start > start ? o->start : start, o->end < end ? o->end : end);
}

void remains_meet(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    const struct remains *r = mm->window->remains;
    hidden_uncover(mm->window, start, end);
    if (mm->dormant)
        bring_back(mm, v, start, end);
    spare_meet(mm, v, start, end);
    if (!r)
        return;
    for (const struct vma *o = vma_find(&r->set, start); o && o < r->set.vmas + r->set.count && o->start < end; o++)
        if (!shows_the_same(v, o))
            give_back(o->start > start ? o->start : start, o->end < end ? o->end : end);
}

int remains_settle(const struct vma *v, uint64_t start, uint64_t end)
{
    int prot = pages_state(start) & (PROT_READ | PROT_WRITE | PROT_EXEC);
    int r = prot == v->prot ? 0 : target_memory_protect(start, end - start, prot, v->prot);
    if (!r)
        pages_set(start, end, (uint8_t)(PAGE_COMMITTED | v->prot));
    return r;
}
