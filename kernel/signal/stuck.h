// SPDX-License-Identifier: MIT
//
// Instructions that want one page of a shared mapping at two addresses at once, one of them to write: a page stands at one of them at
// a time (kernel/mm/object.h), so they would fault for ever. String moves, which C libraries copy with, are done here; others end.
#pragma once

#include <stdbool.h>

struct regs;
struct thread;

// After a fault that was served. false: this instruction cannot be run.
bool stuck_help(struct thread *t, struct regs *regs);
