// SPDX-License-Identifier: MIT
//
// The life of processes.
#pragma once

#include <stdint.h>

struct file;
struct mm;
struct process;

// A process without threads, memory or files; pid_new() gives pid, pgid and sid. NULL: out of memory.
struct process *process_new(struct process *parent);
// Gives everything back. No thread is left, and nobody else looks at it any more.
void process_free(struct process *p);
// Names and executable after a successful load; takes over the reference to the file. 0 or -ENOMEM (nothing changed).
int process_set_program(struct process *p, struct mm *mm, struct file *executable, const char *path);
// The comm of Linux: the last part of the path, 15 bytes.
void name_from_path(char name[16], const char *path);

int32_t pid_new(void);
// The process with this pid; its lock is held on return. NULL: none. process_put_locked releases the lock.
struct process *process_find_lock(int32_t pid);
