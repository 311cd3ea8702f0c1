// SPDX-License-Identifier: MIT
//
// The end of threads and processes.
#pragma once

#include <stdint.h>

struct process;
struct thread;

// exit(2) of the current thread; the last one ends its process with this status.
_Noreturn void thread_exit(int code);
// exit_group(2): every thread of the current process ends.
_Noreturn void process_exit(int code);
_Noreturn void process_exit_by_signal(int sig);
// Called on the way back to the program: does not return when the thread has to end.
void thread_leave_if_ending(void);

// execve: all threads of the process but the current one are gone on return. -EINTR: another thread was first.
int threads_end_others(void);

// Waits until the current thread is the only one of p.
void threads_wait_alone(struct process *p);

// Takes a thread out of its process's list; who waits for the end of threads is told.
void thread_unpublish(struct thread *t);
// What Linux does for the program when a thread leaves its memory: futexes that it holds, the clear_child_tid word.
void thread_release_memory(struct thread *t);
