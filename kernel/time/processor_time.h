// SPDX-License-Identifier: MIT
//
// Processor time. The host alone knows how long its threads ran; a thread of ours is one of them for as long as it lives. What a
// process used is what its threads did: those that are there, and those that have ended.
#pragma once

#include <stdint.h>

struct process;
struct thread;

struct cpu_clock {
    int32_t pid; // 0: none is meant
    int32_t tid; // 0: the whole process
};

// The current thread, on a host thread of its own from here on.
void processor_time_begin(struct thread *t);
// It ends, and what it used becomes its process's.
void processor_time_end(struct thread *t);
uint64_t processor_time_of_thread(const struct thread *t);
uint64_t processor_time_of_process_locked(struct process *p); // process->lock is held
// 0 or -EINVAL: whom the clock is of is not there.
int processor_time(struct cpu_clock clock, uint64_t *ret_ns);
