// SPDX-License-Identifier: MIT
//
// How much a process may map: RLIMIT_AS, RLIMIT_DATA, and Linux's bound on the number of mappings (vm.max_map_count).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mm;
struct vma;

#define MAPPINGS_MOST 65530u

// What a mapping counts: nothing for the kernel's, of the first stack what has been touched.
uint64_t space_countable_pages(const struct vma *v);
// May the current process map so many bytes more, in a mapping like `as`, when what is mapped from start to end goes? The lock is held.
bool space_may_map(const struct mm *mm, uint64_t size, const struct vma *as, uint64_t start, uint64_t end);
// Would unmapping this make more mappings than may be?
bool space_may_part(const struct mm *mm, uint64_t start, uint64_t end);
