// SPDX-License-Identifier: MIT
//
// The list of all processes, for kernel/task. Its lock also guards parent, zombie and vforker of every process; taken before any
// process->lock.
#pragma once

struct process;

void processes_lock(void);
void processes_unlock(void);
struct process *processes_first(void); // next: process->next
