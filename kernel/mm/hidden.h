// SPDX-License-Identifier: MIT
//
// Pages of a space that is not in place, which stay where they are: an unrelated program that comes into place needs few of their
// addresses, if any. Nothing of them is copied or written anew; they are closed, so that they are nobody's to see, and opened again when
// their space comes back.
//
// Rules. Such a page is not committed for any space (PAGE_HIDDEN instead of PAGE_COMMITTED); once a program runs, touching it faults. All
// of a window are pages of one space, its `hider`. No mapping of the space in place has any: before something is mapped or put at such
// an address it is uncovered, and its content goes to the hider's saved pages. They count as committed memory. The turn and the lock of
// the space in place guard them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mm;
struct window;

// May pages of mm, which leaves its place, become hidden?
bool hidden_has_room(const struct mm *mm);
// Those of [start, end), a part of a private mapping of mm's own, that are committed become hidden. They can be read until hidden_close.
void hidden_leave(struct mm *mm, uint64_t start, uint64_t end);
// Before a program runs.
void hidden_close(struct window *w);
// mm comes into place: what is hidden of it is committed again.
void hidden_return(struct mm *mm);
// mm ends without coming into place again.
void hidden_drop(struct mm *mm);

// Before something else is there: the hidden pages of the range become spare (spare.h) and can be read; their content is set aside.
void hidden_uncover(struct window *w, uint64_t start, uint64_t end);
