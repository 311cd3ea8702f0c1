// SPDX-License-Identifier: MIT
#include "kernel/mm/exchange.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/aside.h"
#include "kernel/mm/cow.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/hidden.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/object.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/remains.h"
#include "kernel/mm/restore.h"
#include "kernel/mm/saved.h"
#include "kernel/mm/space.h"
#include "kernel/mm/spare.h"
#include "kernel/mm/window.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/open_file.h"

enum { GIVE_BACK_PAGES = 64 }; // what is set aside is given back by so many pages, before more memory is asked for

static void change_access(uint64_t start, uint64_t end, int old, int prot)
{
    if (target_memory_protect(start, end - start, old, prot))
        kernel_stop("the host cannot change the access of more pages; on Linux see vm.max_map_count");
    pages_set(start, end, (uint8_t)(PAGE_COMMITTED | prot));
}

static void set_access(uint64_t page, int prot)
{
    int old = pages_state(page) & ~PAGE_COMMITTED;
    if (old == prot)
        return;
    change_access(page, page + PAGE_SIZE, old, prot);
}

// Only spaces that were forked from each other have pages together. For another one those are in the way: everybody gets copies.
static bool related(const struct mm *a, const struct mm *b)
{
    return a->rewritten == b->rewritten;
}

// What mm, which comes into place, has nothing for. An unrelated program comes and goes again and again, and finds pages to use.
static void give_back(const struct mm *old, const struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    if (start < end && mm && !related(old, mm))
        spare_leave_behind(old, v, start, end);
    if (start < end)
        space_release_pages(start, end);
}

static void copy_page(void *to, const void *from)
{
    memcpy(to, from, PAGE_SIZE);
}

// By pieces that stay in the processor's nearest cache.
static void swap_page(uint8_t *a, uint8_t *b)
{
    uint8_t piece[512];
    for (unsigned i = 0; i < PAGE_SIZE; i += sizeof(piece)) {
        memcpy(piece, a + i, sizeof(piece));
        memcpy(a + i, b + i, sizeof(piece));
        memcpy(b + i, piece, sizeof(piece));
    }
}

// content: of a page of old, in kernel memory, or NULL if there was none.
static void put_aside(struct mm *old, uint64_t page, uint8_t *content, bool keep)
{
    if (keep)
        aside_keep(old, page, content);
    else if (content)
        kpages_free(content, 1);
}

// Pages of old that cannot be written, and that mm has something for. Returns the end.
static uint64_t exchange_closed(struct mm *old, struct mm *mm, uint64_t start, uint64_t end, bool keep)
{
    uint8_t *contents[EXCHANGE_PAGES];
    uint64_t most = start + EXCHANGE_PAGES * PAGE_SIZE, stop = saved_run(&mm->saved, start, end < most ? end : most);
    const size_t count = (stop - start) / PAGE_SIZE;
    for (size_t i = 0; i < count; i++) {
        const uint64_t page = start + i * PAGE_SIZE;
        contents[i] = saved_take(&mm->saved, page);
        put_aside(old, page, keep ? mirror_take_or_copy(old, page) : NULL, keep);
    }
    if (pages_replace(start, count, pages_state(start) & ~PAGE_COMMITTED, contents))
        kernel_stop("the host cannot change the content of pages; it is out of memory");
    for (size_t i = 0; i < count; i++)
        mirror_keep(mm, start + i * PAGE_SIZE, contents[i]);
    return stop;
}

// A page of old is in place. What mm has there, if anything, takes its place; old's content goes to old->saved, or nowhere
// when old is gone. Returns false when the page has to be given back.
static bool exchange_page(struct mm *old, struct mm *mm, uint64_t page, bool keep)
{
    uint8_t *incoming = mm ? saved_take(&mm->saved, page) : NULL;
    int state = pages_state(page) & ~PAGE_COMMITTED;
    if (!(state & PROT_READ) || (incoming && !(state & PROT_WRITE)))
        set_access(page, incoming ? PROT_READ | PROT_WRITE : PROT_READ);
    uint8_t *outgoing = incoming;
    if (incoming && keep)
        swap_page((uint8_t *)page, incoming);
    else if (incoming)
        copy_page((void *)page, incoming);
    else if (keep)
        outgoing = mirror_take_or_copy(old, page);
    put_aside(old, page, outgoing, keep);
    return incoming; // writable until close_all
}

static void set_access_of_run(uint64_t start, uint64_t end, int prot)
{
    int old = pages_state(start) & ~PAGE_COMMITTED;
    if (old == prot)
        return;
    change_access(start, end, old, prot);
}

// True: something of mm goes to this run, and old cannot write it: exchange_closed. Else, if something goes there, the run can be written
// now, not page by page.
static bool stays_closed(const struct mm *mm, uint64_t start, uint64_t end)
{
    if (!mm || saved_next(&mm->saved, start) >= end)
        return false;
    const bool closed = (pages_state(start) & (PROT_READ | PROT_WRITE)) == PROT_READ;
    if (!closed)
        set_access_of_run(start, end, PROT_READ | PROT_WRITE);
    return closed;
}

// What is there now of mm's own gets mm's access: neighbours that want the same change together, whatever mappings they are of.
static void close_all(const struct mm *mm)
{
    uint64_t start = 0, end = 0; // what has to change, from old to prot
    int old = 0, prot = 0;
    for (size_t i = 0; i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        for (uint64_t at = v->start, stop; !v->together && !vma_shared(v) && at < v->end; at = stop) {
            stop = pages_run(at, v->end);
            int state = pages_state(at) & ~PAGE_COMMITTED;
            if (!(pages_state(at) & PAGE_COMMITTED) || state == v->prot)
                continue;
            if (at != end || state != old || v->prot != prot) {
                if (start < end)
                    change_access(start, end, old, prot);
                start = at;
            }
            end = stop;
            old = state;
            prot = v->prot;
        }
    }
    if (start < end)
        change_access(start, end, old, prot);
}

// A run of committed pages with the same access. *gone: from where on pages up to here are to be given back.
static void exchange_run(struct mm *old, struct mm *mm, const struct vma *v, uint64_t start, uint64_t end, uint64_t *gone, bool keep)
{
    const bool closed = stays_closed(mm, start, end);
    for (uint64_t at = start; at < end; at += PAGE_SIZE) {
        uint64_t stop = closed ? exchange_closed(old, mm, at, end, keep) : at;
        if (stop > at) {
            give_back(old, mm, v, *gone, at);
            *gone = stop;
            at = stop - PAGE_SIZE;
            continue;
        }
        bool taken = exchange_page(old, mm, at, keep);
        if (!taken && at + PAGE_SIZE - *gone < GIVE_BACK_PAGES * PAGE_SIZE)
            continue;
        give_back(old, mm, v, *gone, taken ? at : at + PAGE_SIZE);
        *gone = at + PAGE_SIZE;
    }
}

static void exchange_range(struct mm *old, struct mm *mm, const struct vma *v, uint64_t start, uint64_t end, bool keep)
{
    uint64_t gone = start; // [gone, at): committed pages to be given back
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        if (pages_state(at) & PAGE_COMMITTED) {
            exchange_run(old, mm, v, at, stop, &gone, keep);
            continue;
        }
        give_back(old, mm, v, gone, at);
        gone = stop;
    }
    give_back(old, mm, v, gone, end);
}

// What mm has nothing for stays, hidden.
static void hide_mapping(struct mm *old, struct mm *mm, const struct vma *v)
{
    for (uint64_t at = v->start, stop; at < v->end; at = stop) {
        stop = saved_next(&mm->saved, at);
        stop = stop < v->end ? stop : v->end;
        hidden_leave(old, at, stop);
        uint64_t from = stop;
        stop = saved_run(&mm->saved, from, v->end);
        exchange_range(old, mm, v, from, stop, true);
    }
}

static void leave_mapping(struct mm *old, struct mm *mm, const struct vma *v)
{
    if (mm && !related(old, mm) && hidden_has_room(old))
        hide_mapping(old, mm, v);
    else
        exchange_range(old, mm, v, v->start, v->end, true);
}

// What mm has set aside and old had nothing at.
static void put_rest(struct mm *mm)
{
    uint64_t stop;
    for (uint64_t at = saved_next(&mm->saved, 0); at != UINT64_MAX; at = saved_next(&mm->saved, stop)) {
        const struct vma *v = vma_at(&mm->set, at);
        stop = v ? v->end : at + PAGE_SIZE;
        if (v && space_restore(mm, &mm->saved, v, at, stop))
            aside_lose(mm);
        saved_drop(&mm->saved, at, stop);
    }
    for (size_t i = 0; i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        hidden_uncover(mm->window, v->start, v->end);
        spare_meet(mm, v, v->start, v->end);
    }
    if (mm->set.count) // else exec is about to map something
        spare_release(mm->window);
}

// Pages that all have stay, but each space may have its own access to them.
static void adapt_together(const struct mm *mm)
{
    for (size_t i = 0; i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        for (uint64_t at = v->start; v->together && at < v->end;) {
            uint64_t stop = pages_run(at, v->end);
            if (pages_state(at) & PAGE_COMMITTED && (int)(pages_state(at) & ~PAGE_COMMITTED) != vma_access(v))
                change_access(at, stop, pages_state(at) & ~PAGE_COMMITTED, vma_access(v));
            at = stop;
        }
    }
}

// Up to where mm has the same shared memory at `at` as v, with the same access: its pages can stay. Else false, and how far.
static bool has_the_same(const struct mm *mm, const struct vma *v, uint64_t at, uint64_t *ret_stop)
{
    const struct vma *w = mm ? vma_find(&mm->set, at) : NULL;
    *ret_stop = !w || w->start >= v->end ? v->end : w->start > at ? w->start : w->end < v->end ? w->end : v->end;
    return w && w->start <= at && vma_shared(w) && w->file->node == v->file->node && w->prot == v->prot &&
           w->offset + (at - w->start) == v->offset + (at - v->start);
}

// Shared pages of v go home, but for those that mm, which comes into place, has at the same addresses.
static void recall_for(const struct mm *mm, const struct vma *v, bool last)
{
    for (uint64_t at = v->start, stop; at < v->end; at = stop)
        if (!has_the_same(mm, v, at, &stop))
            object_recall_always(v, at, stop, last);
}

static void lose_relatives(struct mm *mm)
{
    for (struct mm *m = mm->window->members; m; m = m->next_member)
        if (related(m, mm))
            aside_lose(m);
}

static void make_way(struct mm *old, const struct mm *mm)
{
    if (!related(old, mm)) { // what an earlier program left is one program's
        remains_release(old->window->remains);
        old->window->remains = NULL;
    }
    if (!related(old, mm) && old->set.count &&
        exchange_unshare(old, old->set.vmas[0].start, old->set.vmas[old->set.count - 1].end))
        lose_relatives(old);
}

static void arrive(struct mm *mm)
{
    hidden_return(mm);
    close_all(mm);
    put_rest(mm);
    adapt_together(mm);
    if (mm->set.count) // else exec is about to map something
        hidden_close(mm->window);
}

void exchange(struct mm *old, struct mm *mm)
{
    if (old)
        make_way(old, mm);
    for (size_t i = 0; old && i < old->set.count; i++)
        if (vma_shared(&old->set.vmas[i]))
            recall_for(mm, &old->set.vmas[i], false);
    for (size_t i = 0; old && i < old->set.count; i++) {
        const struct vma *v = &old->set.vmas[i];
        if (!v->together && !vma_shared(v))
            leave_mapping(old, mm, v);
    }
    arrive(mm);
}

bool exchange_others_have(const struct mm *mm, uint64_t at, uint64_t end, uint64_t *ret_end)
{
    bool have = false;
    for (const struct mm *m = mm->window->members; m; m = m->next_member) {
        const struct vma *v = m == mm || !related(m, mm) ? NULL : vma_find(&m->set, at);
        if (!v || v->start >= end)
            continue;
        have |= v->start <= at && v->together;
        end = v->start > at ? v->start : v->end < end ? v->end : end;
    }
    *ret_end = end;
    return have;
}

static void drop_vma(struct mm *mm, struct vma *v, struct mm *next, bool in_place)
{
    if (vma_shared(v) && in_place)
        recall_for(next, v, file_is_last(v->file));
    else if (!v->together && !vma_shared(v) && in_place)
        exchange_range(mm, next, v, v->start, v->end, false);
    for (uint64_t at = v->start, stop; v->together && at < v->end; at = stop) // others may have parts of it
        if (!exchange_others_have(mm, at, v->end, &stop))
            space_release_pages(at, stop);
    file_put_mapped(v->file);
}

void exchange_out(struct mm *mm, struct mm *next, bool in_place)
{
    saved_free(&mm->saved);
    saved_free(&mm->mirror);
    hidden_drop(mm);
    if (next)
        make_way(mm, next);
    for (size_t i = 0; i < mm->set.count; i++)
        drop_vma(mm, &mm->set.vmas[i], next, in_place);
    vma_set_free(&mm->set);
    if (next)
        arrive(next);
}

// What is committed of the range, which is in place.
static int copy_range(struct saved_pages *to, uint64_t start, uint64_t end)
{
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = pages_run(at, end);
        for (uint64_t page = at; pages_state(at) & PAGE_COMMITTED && page < stop; page += PAGE_SIZE) {
            uint8_t *copy = kpages_alloc_dirty(1);
            if (!copy)
                return -ENOMEM;
            if (!(pages_state(page) & PROT_READ))
                set_access(page, (pages_state(page) & ~PAGE_COMMITTED) | PROT_READ);
            copy_page(copy, (const void *)page);
            if (saved_put(to, page, copy)) {
                kpages_free(copy, 1);
                return -ENOMEM;
            }
        }
    }
    return 0;
}

// m's lock is held: it is not in place, but others may look at its mappings.
static int unshare_locked(struct mm *m, uint64_t start, uint64_t end)
{
    int r = vma_cut(&m->set, start, end);
    if (r)
        return r;
    for (struct vma *v = vma_find(&m->set, start); v && v->start < end; v = vma_find(&m->set, v->end)) {
        r = v->together ? copy_range(&m->saved, v->start, v->end) : 0;
        if (r) { // it has them together still
            saved_drop(&m->saved, v->start, v->end);
            return r;
        }
        v->together = false;
    }
    vma_join(&m->set, start, end);
    return 0;
}

// If m has these pages together with who is in place, it gets a copy of what is committed, and has them alone from now on.
static int unshare_with(struct mm *m, uint64_t start, uint64_t end)
{
    mutex_lock(&m->lock);
    int r = unshare_locked(m, start, end);
    mutex_unlock(&m->lock);
    return r;
}

int exchange_unshare(struct mm *mm, uint64_t start, uint64_t end)
{
    bool any = false;
    for (struct vma *v = vma_find(&mm->set, start); v && v->start < end; v = vma_find(&mm->set, v->end))
        any |= v->together;
    if (!any)
        return 0;
    int r = vma_cut(&mm->set, start, end);
    if (r)
        return r;
    for (struct mm *m = mm->window->members; !r && m; m = m->next_member)
        if (m != mm && related(m, mm))
            r = unshare_with(m, start, end);
    for (struct vma *v = vma_find(&mm->set, start); !r && v && v->start < end; v = vma_find(&mm->set, v->end))
        v->together = false;
    return r;
}

static bool has_other_relatives(const struct mm *mm, const struct mm *child)
{
    for (const struct mm *m = mm->window->members; m; m = m->next_member)
        if (m != mm && m != child && related(m, mm))
            return true;
    return false;
}

// Pages that cannot be written stay in place for both, and many that can (cow.h), unless an earlier child has others there: those would
// come to lie over them.
static int copy_vmas(struct mm *mm, struct mm *child)
{
    const bool others = has_other_relatives(mm, child);
    int r = others ? 0 : cow_share(mm);
    if (!r)
        r = vma_reserve(&child->set, mm->set.count + 8);
    for (size_t i = 0; !r && i < mm->set.count; i++) {
        struct vma *v = &mm->set.vmas[i];
        if (v->flags & VMA_DONT_FORK)
            continue;
        const bool wiped = v->flags & VMA_WIPE_ON_FORK;
        v->together = !vma_shared(v) && !wiped && (v->together || (!(v->prot & PROT_WRITE) && !others));
        struct vma *copy = &child->set.vmas[child->set.count++];
        *copy = *v;
        copy->flags &= ~MAP_LOCKED; // locks are not inherited
        if (v->file)
            file_get(v->file);
        if (!v->together && !vma_shared(v) && !wiped)
            r = copy_range(&child->saved, v->start, v->end);
    }
    return r;
}

bool mm_forks_whole(struct mm *mm)
{
    int flags = 0;
    mutex_lock(&mm->lock);
    for (size_t i = 0; i < mm->set.count; i++)
        flags |= mm->set.vmas[i].flags;
    mutex_unlock(&mm->lock);
    return !(flags & (VMA_DONT_FORK | VMA_WIPE_ON_FORK));
}

int mm_fork(struct mm *mm, struct mm **ret_mm)
{
    struct mm *child = space_new_like(mm);
    if (!child)
        return -ENOMEM;
    mutex_lock(&mm->lock);
    int r = copy_vmas(mm, child);
    child->brk_start = mm->brk_start;
    child->brk_end = mm->brk_end;
    child->vdso = mm->vdso;
    child->membarriers = mm_membarriers(mm);
    mutex_unlock(&mm->lock);
    *ret_mm = child;
    return r;
}
