// SPDX-License-Identifier: MIT
//
// Content that was set aside comes back to its addresses.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mm;
struct saved_pages;
struct vma;

// Other content for committed pages, whose access stays: for each its page of kernel memory. Programs that take turns are often the same
// one: what is there already at both ends is not written again. 0 or -errno.
int pages_replace(uint64_t start, size_t count, int access, uint8_t *const contents[]);
// What `from` has for [start, end), a part of v, goes where v has nothing yet. mm is in place. 0; or a negative errno, after which some
// of it may be lost and what is left in `from` was not touched.
int space_restore(struct mm *mm, struct saved_pages *from, const struct vma *v, uint64_t start, uint64_t end);
