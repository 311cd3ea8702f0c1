// SPDX-License-Identifier: MIT
//
// mlock(2) and its relatives. This kernel swaps nothing, so that a lock is a promise that is kept anyway: what is locked is counted,
// held against RLIMIT_MEMLOCK and made present.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mm;

int mm_lock(struct mm *mm, uint64_t address, size_t length, int flags); // MLOCK_*
int mm_unlock(struct mm *mm, uint64_t address, size_t length);
int mm_lock_all(struct mm *mm, int flags); // MCL_*; 0: nothing any more
uint64_t mm_locked_pages(struct mm *mm);
bool lock_is_permitted(void); // to the current process, of anything at all
