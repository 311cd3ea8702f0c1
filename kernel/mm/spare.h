// SPDX-License-Identifier: MIT
//
// Pages of a window that are there and nobody's, for whoever maps something at their addresses next. To give a page to the host and
// to get it back means changes of page tables that every processor has to hear of: that costs many times what writing it anew does.
//
// Rules. Such a page is not committed for any space (PAGE_SPARE instead of PAGE_COMMITTED), but nothing faults there. So inside a mapping
// there is none: before a mapping shows, what is spare there becomes its own, with the content that it has to have, or is given back. And
// outside of mappings there is none once a program runs, or what it unmapped would still be there: exec and exchange give the rest back.
// Only an interpreter (ld.so), which maps the rest of what an earlier run of the same program had mapped, finds such pages there, cleared.
// They count as committed memory; a window has few. The turn and mm->lock guard what a space in place does; a window without members is
// the chooser's (window.c).
#pragma once

#include <stdint.h>

struct mm;
struct vma;
struct window;

// The last space of a window goes: memory that the next run of its program maps at its start becomes spare, and is cleared.
void spare_leave(struct mm *mm);
// mm leaves its place to an unrelated space: those of [start, end), a part of v, that are worth it become spare and are cleared.
void spare_leave_behind(const struct mm *mm, const struct vma *v, uint64_t start, uint64_t end);
// Pages of another state, whose content is nobody's any more, become spare.
void spare_take_over(struct window *w, uint64_t start, uint64_t end, int access);
// Spare pages become committed, with this access; their content is the caller's to give. 0 or negative errno.
int spare_claim(struct mm *mm, uint64_t start, uint64_t end, int access);
// Before v shows what is mapped there (NULL: nothing is).
void spare_meet(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end);
// Gives all of them back.
void spare_release(struct window *w);
