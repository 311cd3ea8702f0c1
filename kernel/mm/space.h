// SPDX-License-Identifier: MIT
//
// Inside kernel/mm: the address space object.
#pragma once

#include "kernel/mm/mm.h"
#include "kernel/mm/saved.h"
#include "kernel/mm/vma.h"
#include "kernel/mm/window.h"
#include "kernel/sync/sync.h"

enum { STAGING_PAGES = 16 };

struct mm {
    uint32_t references;
    struct window *window;
    struct mm *next_member; // of the window; guarded by its lock
    uint64_t low, high; // this space's window of the program range
    uint64_t vdso;      // set once by exec
    struct program_start *start; // likewise; shared by spaces that were forked from each other
    struct mutex lock;
    /* guarded by lock: */
    struct vma_set set;
    uint64_t brk_start, brk_end;
    int lock_later;      // MAP_LOCKED: what is mapped from now on is locked (mlockall)
    bool populate_later; // and made present
    uint64_t cow_next, cow_size; // where somebody who writes on and on would need the next chunk, and how large the last was (cow.c)
    uint8_t *staging; // content on its way into a file mapping (commit.c)
    struct saved_pages saved; // while it is not in place
    struct saved_pages mirror; // of what is in place (mirror.h); the turn and lock guard it
    uint32_t mirrored;         // pages
    struct rewritten *rewritten; // text that was changed; one for all spaces that were forked from each other
    struct file *program;        // what it was made for
    struct remains *dormant;     // what was set aside of an earlier run (remains.h); the turn guards it
    uint32_t membarriers;        // atomic
    bool closed;                 // it has left for good, and its window is kept for it to part (turn_leave_and_part)
    bool lost, told;             // pages had to be dropped when spaces took turns (aside.h); its processes have been told
};

struct rewritten {
    uint32_t references;
    struct stub_pool *stub_pools; // stubs.c
    struct sites *sites;          // kernel/rewrite; made on first use
    uint32_t starts;              // of the program after the first, for which it was kept (remains.h)
};

void rewritten_put(struct rewritten *rw);

// An empty space of the same window that shares `rewritten`; not in place. NULL: out of memory.
struct mm *space_new_like(struct mm *mm);

// The lock is held in all of these.
int space_unmap(struct mm *mm, uint64_t start, uint64_t end);
int space_touch(struct mm *mm, uint64_t address, bool write); // as an access would: 0, or why there would be a signal
int space_commit(struct mm *mm, struct vma *v, uint64_t start, uint64_t end);
int space_protect_pages(uint64_t start, uint64_t end, int prot); // brings committed pages to the new access
void space_release_pages(uint64_t start, uint64_t end); // gives committed pages of the range back
int space_fill(const struct vma *v, uint8_t *to, uint64_t size, uint64_t offset); // with what is in its file there, then zeros
uint64_t space_file_end(const struct vma *v); // where its first page is that has nothing of its file, at most its end
bool space_may_lock(const struct mm *mm, uint64_t size); // so much more (lock.h)
int space_populate(struct mm *mm, uint64_t start, uint64_t end); // 0, -ENOMEM, or another -errno: not all of it can be there
uint8_t *space_staging(struct mm *mm); // room for STAGING_PAGES, or NULL
int space_replace_staged(struct mm *mm, uint64_t start, uint64_t end, int access); // the content of closed pages by what is staged
