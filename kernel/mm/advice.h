// SPDX-License-Identifier: MIT
//
// madvise(2) and msync(2) on an address space; mremap is mm_remap in mm.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mm;
int mm_advise(struct mm *mm, uint64_t address, size_t length, int advice);
int mm_sync(struct mm *mm, uint64_t address, size_t length, int flags); // MS_*
