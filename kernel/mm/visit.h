// SPDX-License-Identifier: MIT
//
// The memory of another process.
#pragma once

struct mm;

// Calls f with the space in place of the current thread's own: in f the accessors of user.h are about it. f does not sleep but where
// faults do, and the caller holds a reference to mm and no lock.
// mm NULL: in f they are about the current thread's own.
void mm_visit(struct mm *mm, void (*f)(void *context), void *context);
// Gives the reference back, which may be the last one: its process may have ended meanwhile. NULL allowed.
void mm_visited(struct mm *mm);
