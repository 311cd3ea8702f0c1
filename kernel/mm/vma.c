// SPDX-License-Identifier: MIT
#include "kernel/mm/vma.h"

#include <linux/errno.h>
#include <linux/mman.h>
#include <stdbool.h>

#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/file.h"

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

int vma_reserve(struct vma_set *s, size_t extra)
{
    if (s->count + extra <= s->room)
        return 0;
    size_t room = s->room ? s->room * 2 : 64;
    while (room < s->count + extra)
        room *= 2;
    struct vma *larger = krealloc(s->vmas, room * sizeof(*larger));
    if (!larger)
        return -ENOMEM;
    s->vmas = larger;
    s->room = room;
    return 0;
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
    ASSERT(s->count < s->room);
    memmove(&s->vmas[at + 1], &s->vmas[at], (s->count - at) * sizeof(*v));
    s->vmas[at] = *v;
    s->count++;
    return &s->vmas[at];
}

void vma_split(struct vma_set *s, uint64_t address)
{
    struct vma *v = vma_at(s, address);
    if (!v || v->start == address)
        return;
    ASSERT(s->count < s->room);
    size_t at = (size_t)(v - s->vmas);
    memmove(v + 1, v, (s->count - at) * sizeof(*v));
    s->count++;
    v[0].end = address;
    v[1].start = address;
    if (v->file) {
        v[1].offset += address - v[0].start;
        file_get(v->file);
    }
}

bool vma_continues(const struct vma *a, const struct vma *b)
{
    return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->name == b->name && a->file == b->file &&
           (!a->file || (a->offset + (b->start - a->start) == b->offset && a->written == b->written)); // clean ones: remains.h
}

void vma_join(struct vma_set *s, uint64_t start, uint64_t end)
{
    struct vma *v = vma_find(s, start ? start - 1 : 0);
    while (v && v + 1 < s->vmas + s->count && v->end <= end) {
        if (v->together != v[1].together || !vma_continues(v, v + 1)) {
            v++;
            continue;
        }
        v->end = v[1].end;
        v->written |= v[1].written;
        struct file *file = v[1].file;
        vma_erase(s, v + 1);
        file_put(file); // v has it too
    }
}

void vma_erase(struct vma_set *s, struct vma *v)
{
    size_t at = (size_t)(v - s->vmas);
    memmove(v, v + 1, (s->count - at - 1) * sizeof(*v));
    s->count--;
}

uint64_t vma_find_gap(const struct vma_set *s, uint64_t low, uint64_t high, uint64_t length)
{
    uint64_t top = high;
    for (size_t i = s->count; i-- > 0;) {
        const struct vma *v = &s->vmas[i];
        if (v->start >= top) // above the window
            continue;
        if (v->end < top && top - v->end >= length)
            return top - length;
        top = v->flags & MAP_GROWSDOWN && v->start - low > VMA_STACK_GAP ? v->start - VMA_STACK_GAP : v->start;
        if (top <= low)
            return 0;
    }
    return top > low && top - low >= length ? top - length : 0;
}
