// SPDX-License-Identifier: MIT
//
// The life of threads: one thread area, one host thread each.
#pragma once

#include <stdint.h>

#include "kernel/task/task.h"

// A thread of p, not yet in its list, on this thread block; tid 0. NULL: out of memory.
struct thread *thread_new(struct process *p, struct thread_block *tb);
void thread_free(struct thread *t);
// Adds it to / takes it out of its process's list.
void thread_publish(struct thread *t);

// The thread with this tid in p, whose lock is held. NULL: none.
struct thread *thread_find_locked(struct process *p, int32_t tid);

// clone(2) for threads. flags and addresses as there; -EINVAL, -ENOSYS for what makes a process, -EAGAIN.
struct clone_request {
    uint64_t flags;       // CLONE_*, without the signal
    uint64_t exit_signal; // of a process
    uint64_t stack; // initial stack pointer, 0: the parent's
    uint64_t parent_tid, child_tid, tls;
    uint64_t pidfd; // where a descriptor of the process goes (CLONE_PIDFD)
};
long thread_clone(const struct clone_request *request);
// What a new thread has from its parent; the number is the caller's to give.
void thread_inherit(struct thread *t, const struct thread *parent, const struct clone_request *request);
// Gives it a thread area and starts it. On failure it is freed: -EAGAIN.
int thread_launch(struct thread *t);

// Bound of threads alive at one time.
unsigned thread_limit(void);
