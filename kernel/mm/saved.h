// SPDX-License-Identifier: MIT
//
// Pages of an address space that is not in place: their content, set aside in kernel memory.
#pragma once

#include <stdint.h>

struct saved_leaf;
struct saved_pages { // sorted leaves of 2 MiB
    struct saved_leaf *leaves;
    unsigned count, room;
};

// Keeps a page of kernel memory for `address`, which has none. 0 or -ENOMEM (then the page stays the caller's).
int saved_put(struct saved_pages *s, uint64_t address, uint8_t *page);
// Takes it out. NULL: there is none.
uint8_t *saved_take(struct saved_pages *s, uint64_t address);
// The lowest address at or above `from` that has a page; UINT64_MAX: none.
uint64_t saved_next(const struct saved_pages *s, uint64_t from);
// End of the run of pages from start on, at most limit.
uint64_t saved_run(const struct saved_pages *s, uint64_t start, uint64_t limit);
// Drops the pages of a range.
void saved_drop(struct saved_pages *s, uint64_t start, uint64_t end);
void saved_free(struct saved_pages *s);
