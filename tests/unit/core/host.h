// SPDX-License-Identifier: MIT
//
// A hosted life for kernel/sync: threads of this process stand in for enclave threads (GS points to a thread block, as in
// the enclave), host calls are real system calls, and "untrusted memory" is ordinary memory.
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "kernel/task/task.h"
#include "tests/unit/check.h"

#define CHECK_EQUAL(value, expected)                                                                         \
    do {                                                                                                     \
        long v_ = (long)(value), e_ = (long)(expected);                                                      \
        if (v_ != e_) {                                                                                      \
            fprintf(stderr, "%s:%d: %s is %ld, not %ld\n", __FILE__, __LINE__, #value, v_, e_);              \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

extern struct process test_process;

// Runs body(argument) on `count` threads, each an enclave thread; waits for all. The calling thread must be one already.
void run_threads(unsigned count, void (*body)(unsigned index));
// Makes the calling thread an enclave thread.
void become_thread(unsigned index);
struct thread *thread_of(unsigned index);
// Called before the host wakes a thread, unless NULL.
extern void (*on_host_wake)(void);
// What kernel/signal would say.
void interrupt_thread(struct thread *t);
void interrupt_taken(struct thread *t);
// One word of memory at an address that programs may have.
uint32_t *program_words(void);
