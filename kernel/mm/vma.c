// SPDX-License-Identifier: MIT
#include "kernel/mm/vma.h"

#include <linux/errno.h>
#include <linux/mman.h>
#include <stdbool.h>

#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/file.h"

enum { FIRST_ROOM = 64 };

struct vma *vma_find(const struct vma_set *s, uint64_t address)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->vmas[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low < s->count ? &s->vmas[low] : NULL;
}

struct vma *vma_at(const struct vma_set *s, uint64_t address)
{
    struct vma *v = vma_find(s, address);
    return v && v->start <= address ? v : NULL;
}

void vma_set_free(struct vma_set *s)
{
    if (s->vmas)
        kfree(s->vmas - s->before);
    *s = (struct vma_set){0};
}

static void slide(struct vma_set *s, struct vma *base, size_t before)
{
    if (s->count)
        memmove(base + before, s->vmas, s->count * sizeof(*base));
    s->vmas = base + before;
    s->before = before;
}

// Room for `extra` is always behind the last; before the first there is some to begin with, and what is left once that is used up.
int vma_reserve(struct vma_set *s, size_t extra)
{
    size_t needed = s->count + extra;
    bool tight = s->count >= FIRST_ROOM && !s->before;
    if (!tight && s->before + needed <= s->room)
        return 0;
    if (s->room >= needed + s->count / 4) {
        slide(s, s->vmas - s->before, (s->room - needed) / 2);
        return 0;
    }
    size_t room = needed + s->count < FIRST_ROOM ? FIRST_ROOM : needed + s->count;
    struct vma *old = s->vmas ? s->vmas - s->before : NULL, *larger = kmalloc(room * sizeof(*larger));
    if (!larger)
        return s->before + needed <= s->room ? 0 : -ENOMEM;
    slide(s, larger, (room - needed) / 2);
    kfree(old);
    s->room = room;
    return 0;
}

// A place for one at index `at`: those on the shorter side move. Room is reserved.
static struct vma *open_place(struct vma_set *s, size_t at)
{
    if (s->before && at < s->count / 2 + 1) {
        memmove(s->vmas - 1, s->vmas, at * sizeof(*s->vmas));
        s->vmas--;
        s->before--;
    } else {
        ASSERT(s->before + s->count < s->room);
        memmove(&s->vmas[at + 1], &s->vmas[at], (s->count - at) * sizeof(*s->vmas));
    }
    s->count++;
    return &s->vmas[at];
}

static bool may_merge(const struct vma *a, const struct vma *b)
{
    if (a->end != b->start || a->prot != b->prot || a->flags != b->flags || a->name != b->name || a->together != b->together)
        return false;
    if (a->file || b->file) // few, and their offsets make the test long
        return false;
    return !(a->flags & MAP_SHARED); // shared mappings keep their identity
}

struct vma *vma_insert(struct vma_set *s, const struct vma *v)
{
    struct vma *next = vma_find(s, v->start);
    size_t at = next ? (size_t)(next - s->vmas) : s->count;
    struct vma *previous = at ? &s->vmas[at - 1] : NULL;
    if (previous && may_merge(previous, v)) {
        previous->end = v->end;
        return previous;
    }
    if (next && may_merge(v, next)) {
        next->start = v->start;
        return next;
    }
    struct vma new = *v, *in = open_place(s, at);
    *in = new;
    return in;
}

void vma_split(struct vma_set *s, uint64_t address)
{
    struct vma *v = vma_at(s, address);
    if (!v || v->start == address)
        return;
    struct vma upper = *v;
    v->end = upper.start = address;
    if (upper.file) {
        upper.offset += address - v->start;
        file_get(upper.file);
    }
    *open_place(s, (size_t)(v - s->vmas) + 1) = upper;
}

int vma_cut(struct vma_set *s, uint64_t start, uint64_t end)
{
    int r = vma_reserve(s, 2);
    if (r)
        return r;
    vma_split(s, start);
    vma_split(s, end);
    return 0;
}

bool vma_continues(const struct vma *a, const struct vma *b)
{
    return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->name == b->name && a->file == b->file &&
           (!a->file || (a->offset + (b->start - a->start) == b->offset && a->written == b->written)); // clean ones: remains.h
}

void vma_join(struct vma_set *s, uint64_t start, uint64_t end)
{
    const struct vma *first = vma_find(s, start ? start - 1 : 0);
    size_t i = first ? (size_t)(first - s->vmas) : s->count;
    while (i + 1 < s->count && s->vmas[i].end <= end) {
        struct vma *v = &s->vmas[i];
        if (v->together != v[1].together || !vma_continues(v, v + 1)) {
            i++;
            continue;
        }
        v->end = v[1].end;
        v->written |= v[1].written;
        struct file *file = v[1].file;
        vma_erase(s, v + 1);
        file_put(file); // the other has it too
    }
}

// A gap that was searched, or reaches into what was, may now be the largest there.
static void note_gap(struct vma_set *s, size_t at)
{
    uint64_t low = at ? s->vmas[at - 1].end : 0, high = at < s->count ? s->vmas[at].start : s->searched.high;
    if (high > s->searched.top && high - low > s->searched.hole)
        s->searched.hole = high - low;
}

void vma_erase(struct vma_set *s, struct vma *v)
{
    size_t at = (size_t)(v - s->vmas);
    s->count--;
    if (at < s->count / 2) {
        memmove(s->vmas + 1, s->vmas, at * sizeof(*v));
        s->vmas++;
        s->before++;
    } else {
        memmove(v, v + 1, (s->count - at) * sizeof(*v));
    }
    note_gap(s, at);
}

// What comes below v does not come too near, when v is a stack that grows.
static uint64_t usable_below(const struct vma *v, uint64_t low)
{
    return v->flags & MAP_GROWSDOWN && v->start - low > VMA_STACK_GAP ? v->start - VMA_STACK_GAP : v->start;
}

uint64_t vma_find_gap(struct vma_set *s, uint64_t low, uint64_t high, uint64_t length)
{
    bool known = s->searched.high == high && length > s->searched.hole && s->searched.top > low;
    uint64_t top = known ? s->searched.top : high, hole = known ? s->searched.hole : 0;
    const struct vma *above = vma_find(s, top - 1);
    size_t i = above ? (size_t)(above - s->vmas) + 1 : s->count;
    while (i > 0 && top > low) {
        const struct vma *v = &s->vmas[--i];
        if (v->start >= top)
            continue;
        uint64_t gap = v->end < top ? top - v->end : 0;
        if (gap >= length)
            break;
        hole = gap > hole ? gap : hole;
        top = usable_below(v, low);
    }
    s->searched.high = high;
    s->searched.top = top;
    s->searched.hole = hole;
    return top > low && top - low >= length ? top - length : 0;
}
