// SPDX-License-Identifier: MIT
//
// Closed pages whose content was set aside and is in place now, and is kept in kernel memory all the same: spaces that take turns at the
// same addresses come and go with what does not change, their text, and it need not be read out each time.
//
// Rules. What is kept of a page is what stands there. Who changes a closed page, takes it away or opens it drops what is kept of it,
// for all spaces forked from each other. The turn and the lock of the space in place guard it.
#pragma once

#include <stdint.h>

struct mm;

// content: a page of kernel memory; kept if mm has the page closed, or given back.
void mirror_keep(struct mm *mm, uint64_t page, uint8_t *content);
// Takes it out. NULL: nothing is kept of this page.
uint8_t *mirror_take(struct mm *mm, uint64_t page);
// The content of a page that stands there and can be read, in kernel memory that is the caller's: what was kept of it, or a copy. NULL:
// there is no memory.
uint8_t *mirror_take_or_copy(struct mm *mm, uint64_t page);
// The pages of the range change.
void mirror_drop(struct mm *mm, uint64_t start, uint64_t end);
