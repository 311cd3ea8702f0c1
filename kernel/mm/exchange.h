// SPDX-License-Identifier: MIT
//
// Address spaces that overlap: making one (fork), and exchanging who is in place.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mm;

// fork: an address space like the current one, at the same addresses, set aside. What cannot be written stays in place for both, and so
// do long runs of private pages that can (cow.h); others are copied; shared mappings belong to their files (object.h). 0; or -ENOMEM,
// and *ret_mm is what there is of it (or NULL), to be put by a thread that is not active.
int mm_fork(struct mm *mm, struct mm **ret_mm);
// Whether a child gets all of it: one that does can take its place at once.
bool mm_forks_whole(struct mm *mm);

// Sets old's (NULL: nobody's) private pages aside and puts mm's in place. No thread is active in either.
void exchange(struct mm *old, struct mm *mm);
// mm goes for good: its pages are given back, and next (may be NULL) is put in place if mm was.
void exchange_out(struct mm *mm, struct mm *next, bool in_place);

// Before mm changes what it has in place together with others: they get their own copies. mm->lock is held.
int exchange_unshare(struct mm *mm, uint64_t start, uint64_t end);
// Another space has what is in place at `at` together with mm. *ret_end: how far that holds, at most end.
bool exchange_others_have(const struct mm *mm, uint64_t at, uint64_t end, uint64_t *ret_end);
