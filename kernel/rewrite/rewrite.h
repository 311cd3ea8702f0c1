// SPDX-License-Identifier: MIT
//
// Rewrites the sites of `syscall` and `cpuid` instructions after they trapped.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/hostcall.h"

struct mm;
struct regs;
struct site;

// The instruction at `address` in the current address space is a syscall that just trapped. Rewrites the site when that is provably
// safe; otherwise leaves it alone. Never fails visibly.
void rewrite_site(struct mm *mm, uint64_t address);
// Likewise for a CPUID that just trapped.
void rewrite_cpuid(struct mm *mm, uint64_t address);
// What many jump behind is a jump of two bytes rather, if that is possible.
void rewrite_by_hole(struct mm *mm, const struct site *s);
// Places in the current text that look like CPUID, and of which it is not known yet whether they are. A few at a time, 0: none; each place
// once. False: there are no more.
bool rewrite_cpuid_candidates(struct mm *mm, uint64_t ret[CPUID_BREAKS]);
// An undefined instruction of the program: true when it stands in the bytes that a rewritten site displaced; regs then continue where
// those instructions are now.
bool rewrite_landed(struct regs *regs);
// The program's own address for a place in a stub, for signal frames and those who unwind through them. Others stay as they are.
uint64_t rewrite_original(uint64_t rip);
// The way back: where an instruction that a site displaced is now.
uint64_t rewrite_moved(uint64_t rip);
