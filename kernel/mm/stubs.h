// SPDX-License-Identifier: MIT
//
// Memory for the rewriter's code, in the program's address space, where a jump of 4-byte distance reaches it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mm;
struct vma;

enum { STUB_SIZE = 64 };

// A stub near `address`. 0: none.
uint64_t mm_stub_alloc(struct mm *mm, uint64_t address);
// A stub to which a jump whose instruction ends at jump_end has a distance with trapping bytes: whoever jumps into the last three bytes of
// the jump gets #UD at once.
uint64_t mm_stub_alloc_trapping(struct mm *mm, uint64_t jump_end);
void mm_stub_free(struct mm *mm, uint64_t stub);
struct rewritten;
bool stubs_is_pool(const struct vma *v); // the kernel's mapping, not the program's
void stubs_insert_pool(struct mm *mm, uint64_t start, uint64_t end); // its mapping; room is reserved
void stubs_for_each_pool(const struct rewritten *rw, void (*each)(uint64_t start, uint64_t end, void *), void *context);
void stubs_end(struct rewritten *rw); // frees the bookkeeping
