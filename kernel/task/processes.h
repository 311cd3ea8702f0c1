// SPDX-License-Identifier: MIT
//
// The list of all processes, for kernel/task. Its lock also guards parent, zombie and vforker of every process; taken before any
// process->lock.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct process;

void processes_lock(void);
void processes_unlock(void);
struct process *processes_first(void); // next: process->next
// The list is locked. `without` counts for nothing: it is about to end.
bool process_group_is_orphaned_locked(int32_t pgid, const struct process *without);
