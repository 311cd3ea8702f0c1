// SPDX-License-Identifier: MIT
//
// Pages of a window that are there and nobody's, for whoever maps something at their addresses next. To give a page to the host and
// to get it back means changes of page tables that every processor has to hear of: that costs many times what writing it anew does.
//
// Rules. Such a page is not committed for any space (PAGE_SPARE instead of PAGE_COMMITTED), but nothing faults there. So inside a mapping
// there is none: before a mapping shows, what is spare there becomes its own, with the content that it has to have, or is given back.
// Outside of mappings a wild pointer finds zeros, or what another wild pointer left. They count as committed memory; a window has few.
// The turn and mm->lock guard what a space in place does; a window without members is the chooser's (window.c).
#pragma once

#include <stdint.h>

struct mm;
struct vma;
struct window;

// The last space of a window goes: what of its memory the next one may want becomes spare, and is cleared.
void spare_leave(struct mm *mm);
// Before v shows what is mapped there (NULL: nothing is).
void spare_meet(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end);
// Gives all of them back.
void spare_release(struct window *w);
