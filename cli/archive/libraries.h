// SPDX-License-Identifier: MIT
//
// Completes a tree with what its programs need to start: ELF interpreters and shared libraries of this machine.
#pragma once

#include "cli/archive/tree.h"

// One line on stderr per file that is added, and per library that is found nowhere (which is not an error: a program may do without
// that object). With may_add false, what would be added is an error instead. 0, or -1 after one line on stderr.
int libraries_complete(struct tree *t, bool may_add);
