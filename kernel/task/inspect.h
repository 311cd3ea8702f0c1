// SPDX-License-Identifier: MIT
//
// Who may look into a process (man 2 ptrace, "Ptrace access mode checking").
#pragma once

#include <stdbool.h>

struct process;

// By the real user and group of the current thread, or by those that files are checked by (/proc). p's lock is held.
bool process_permits_inspection(const struct process *p, bool as_for_files);
