// SPDX-License-Identifier: MIT
//
// Content that was set aside comes back to its addresses.
#pragma once

#include <stdint.h>

struct mm;
struct saved_pages;
struct vma;

// What `from` has for [start, end), a part of v, goes where v has nothing yet. mm is in place. 0; or a negative errno, after which some
// of it may be lost and what is left in `from` was not touched.
int space_restore(struct mm *mm, struct saved_pages *from, const struct vma *v, uint64_t start, uint64_t end);
