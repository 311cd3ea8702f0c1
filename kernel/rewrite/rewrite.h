// SPDX-License-Identifier: MIT
//
// Rewrites `syscall` sites after they trapped once (design: life of a system call, route 2).
#pragma once

#include <stdint.h>

struct mm;
// The instruction at `address` in the current address space is a syscall that just trapped. Patches the site when that is provably
// safe; otherwise leaves it alone. Never fails visibly.
void rewrite_site(struct mm *mm, uint64_t address);
