// SPDX-License-Identifier: MIT
//
// What an ended program leaves in its window for the next run of the same one: the pages of its files that were never written, in
// place and committed, and the rewritten system call sites in them. Starting again commits, copies and hashes none of that.
//
// Rules. Such a page is not committed for any space (PAGE_REMAINS instead of PAGE_COMMITTED), but it is there: nothing faults. So
// inside a mapping it stands only where the mapping has the very same bytes of the image; whatever else is mapped there takes it
// away first, and so do munmap and mprotect. A fault, or the rewriter, makes it the mapping's own. Outside of mappings a wild
// pointer may read there what an earlier run of the program had; there is no protection between the processes of an enclave.
// The turn and mm->lock guard what a space in place does; a window without members is the chooser's (window.c).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file;
struct mm;
struct remains;
struct vma;

// Are these left by this program?
bool remains_of(const struct remains *r, struct file *program);
// The last space of a window goes: what is left of it and of `old`, what it had found there. NULL: nothing.
struct remains *remains_keep(struct mm *mm, struct remains *old);
void remains_release(struct remains *r); // NULL allowed
// A space goes from a window that it shares with an unrelated program: the same, but the content of the pages is set aside. NULL: nothing.
struct remains *remains_set_aside(struct mm *mm);
// What was set aside is the space's until it ends, and comes back where the same is mapped. As remains_adopt.
bool remains_return(struct mm *mm, struct remains *r);
// The space takes over the rewritten sites. False: there are none, or no memory.
bool remains_adopt(struct mm *mm, struct remains *r);
// Before v shows what is mapped there (NULL: nothing is): what is not the same goes.
void remains_meet(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end);
// A run of such pages becomes the mapping's own. 0 or -ENOMEM.
int remains_settle(const struct vma *v, uint64_t start, uint64_t end);
