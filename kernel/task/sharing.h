// SPDX-License-Identifier: MIT
//
// The table of files and the current directory of a thread: its process's, until it parts with them (unshare(2)) or was made without
// CLONE_FILES or CLONE_FS.
#pragma once

#include <stdint.h>

struct thread;

// Gives the current thread its own; the process, when there is no other thread. 0 or -ENOMEM.
int thread_part_files(void);
int thread_part_fs(void);
// A new thread of the current process, not started yet, shares or copies the current one's. 0 or -ENOMEM.
int thread_share(struct thread *t, uint64_t clone_flags);
// The current thread ends: it gives up what is its own.
void thread_drop_own(struct thread *t);
// execve(2), when no other thread is left: what is the thread's own becomes the process's, and the table of files is shared with
// nobody. 0 or -ENOMEM.
int thread_adopt_own(void);
