// SPDX-License-Identifier: MIT
//
// Copy-on-write: what fork leaves in place for parent and child until one of them writes.
//
// An enclave has no page tables of ours, so two spaces can only have a page together where it stands, closed for writing. To close
// pages costs little each, and a fault to open some costs more than to copy them: so this is for long runs of committed pages, and what
// is written is opened by chunks. Short runs are copied by fork itself (exchange.c).
//
// Such a run is a mapping of its own: `together`, though it can be written. All of its pages are committed; their access is
// vma_access(). When the last other space that had it is gone, the first write opens all of it and copies nothing.
#pragma once

#include <stdint.h>

#include "kernel/mm/space.h"

// The lock of mm, which is in place, is held in all of these. 0 or -ENOMEM.

// fork: the long runs become mappings of their own, closed for writing. -ENOMEM also when there is no room for copies of all of them
// now: who forks is told, not who writes later. (Not all of it need be there then: cow_write fails in that case.)
int cow_share(struct mm *mm);
// A write to a page of v that is closed for writing, though v is not: it and its neighbours are opened. v is no longer valid.
int cow_write(struct mm *mm, const struct vma *v, uint64_t page);
// mm gets all of the range for itself, as one mapping again where it was one.
int cow_own(struct mm *mm, uint64_t start, uint64_t end);
