// SPDX-License-Identifier: MIT
//
// The mappings of an address space as a sorted array: pure bookkeeping, no memory is touched.
#pragma once

#include <linux/mman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;

struct vma {
    uint64_t start, end; // page aligned
    int prot, flags;     // PROT_*, MAP_* (MAP_SHARED or MAP_PRIVATE, MAP_GROWSDOWN, MAP_STACK ...), VMA_*
    bool written;        // it can be written, or could once
    bool together;       // its pages are in place for every space of the window that has them (exchange.h)
    struct file *file;   // holds a reference; NULL = anonymous
    uint64_t offset;     // of start in the file
    uint64_t next_fault; // where a sequential reader would fault next
    uint32_t fault_pages; // how many pages the next sequential fault commits
    const char *name;    // "[heap]", "[stack]", "[vdso]" for /proc/self/maps, or NULL
};

// In flags, beside MAP_*: what fork does with it (madvise(2)).
enum { VMA_DONT_FORK = 1 << 28, VMA_WIPE_ON_FORK = 1 << 29 };

// Its pages belong to the file (object.h); shared anonymous memory has one too.
static inline bool vma_shared(const struct vma *v)
{
    return (v->flags & MAP_TYPE) != MAP_PRIVATE;
}

// The access of its committed pages. Who has them together with others, and may write, gets pages of his own first (cow.h).
static inline int vma_access(const struct vma *v)
{
    return v->together ? v->prot & ~PROT_WRITE : v->prot;
}

struct vma_set {
    struct vma *vmas; // sorted, disjoint
    size_t count, room;
    size_t before; // how many of room are free before the first: most new mappings come below all others
    // What vma_find_gap knows: between `top` and `high` no gap is larger than `hole`. high 0: nothing.
    struct {
        uint64_t high, top, hole;
    } searched;
};

#define VMA_STACK_GAP 0x100000ul // nothing is placed so near below what grows downwards

// Forgets all mappings, and gives the room back.
void vma_set_free(struct vma_set *s);
// First mapping that ends above address, or NULL.
// What it and the like answer is good until the set changes.
struct vma *vma_find(const struct vma_set *s, uint64_t address);
// Mapping that contains address, or NULL.
struct vma *vma_at(const struct vma_set *s, uint64_t address);
// Makes room so that the next `extra` insertions cannot fail. 0 or -ENOMEM.
int vma_reserve(struct vma_set *s, size_t extra);
// Inserts a copy; the range must be free and room reserved. Merges with equal anonymous neighbours.
struct vma *vma_insert(struct vma_set *s, const struct vma *v);
// Splits so that no mapping crosses address. Room for one insertion must be reserved.
void vma_split(struct vma_set *s, uint64_t address);
// Splits so that no mapping crosses either end of the range. 0 or -ENOMEM.
int vma_cut(struct vma_set *s, uint64_t start, uint64_t end);
// Makes one of neighbours in and around the range where nothing tells them apart, as Linux does.
void vma_join(struct vma_set *s, uint64_t start, uint64_t end);
// b follows a, and nothing tells them apart but who has their pages.
bool vma_continues(const struct vma *a, const struct vma *b);
// Takes out the mapping (its file reference goes to the caller).
void vma_erase(struct vma_set *s, struct vma *v);
// Highest free range of length bytes inside [low, high), top-down; 0 = none.
uint64_t vma_find_gap(struct vma_set *s, uint64_t low, uint64_t high, uint64_t length);
