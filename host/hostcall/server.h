// SPDX-License-Identifier: MIT
//
// The host's answer to host calls, common to both targets. Everything here runs without thread-local storage: on the linux
// target FS still holds the program's base.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "abi/hostcall.h"

// What differs between targets: how enclave memory is changed and threads are made. Results: 0 or negative errno.
struct host_call_ops {
    long (*augment)(uint64_t address, uint64_t length, int prot, uint64_t content);
    long (*protect)(uint64_t address, uint64_t length, int prot, enum memory_protect_how how);
    long (*replace)(uint64_t address, uint64_t length, int prot, uint64_t content); // NULL: not here
    long (*trim)(uint64_t address, uint64_t length);
    long (*remove)(uint64_t address, uint64_t length);
    long (*make_tcs)(uint64_t address);
    long (*thread_start)(uint64_t index);
    void (*thread_exit)(unsigned index); // does not return
    void (*process_exit)(int status);    // does not return
    long (*quote_target_info)(uint8_t *ret);
    long (*quote)(const uint8_t *report, uint8_t *ret, uint64_t size);
    long (*collateral)(const void *request, uint64_t request_size, void *ret, uint64_t size);
    long (*cpuid_trap)(bool on); // of the current thread (cpuid.h)
    long (*cpuid_break)(unsigned index, const uint64_t addresses[CPUID_BREAKS]); // likewise
};

struct host_thread { // one per thread area
    uint64_t host_fs;         // FS base of the host thread
    int tid;                  // 0 = no thread runs in this area
    int own_tid;              // while parked (parking.c)
    bool parked;              // a host thread waits for the area's next thread, or has done so before
    uint32_t go;              // it shall run
    uint32_t asleep;          // and sleeps, or is about to
    uint32_t look;            // how often it looks before it sleeps
    int breaks[CPUID_BREAKS]; // descriptors of its breakpoints, each plus one (cpuid.c)
    bool reporting;           // the enclave looks at an exception
    volatile int interrupted; // asked to leave a blocking system call; cleared when noticed
};

extern struct host_thread host_threads[];
extern uint8_t *host_blocks; // HOST_BLOCK_SIZE per thread area

// Maps the host blocks. 0 or negative errno.
int host_call_setup(const struct host_call_ops *ops);
// The host thread of an area whose thread has ended waits for the next; returns when there is one.
void host_thread_park(unsigned index);
// Starts it. False: there is none, a host thread has to be made.
bool host_thread_unpark(uint64_t index);
// Answers one host call of the thread area `index`.
void host_call_serve(unsigned index, struct host_call *call);
// Index of the area whose host block holds this pointer.
unsigned host_block_index(const void *p);

// One raw Linux system call that an interrupt can cancel: -EINTR when *interrupted is or becomes set before the kernel
// has begun it. [host_syscall_window_start, end) is the range in which a signal handler sets RIP to host_syscall_cancelled.
long host_syscall_raw(uint64_t number, const uint64_t arg[6], volatile int *interrupted);
extern const char host_syscall_window_start[], host_syscall_window_end[], host_syscall_cancelled[];
// For the handler of HOST_INTERRUPT_SIGNAL, with the registers of a thread outside the enclave: cancels a system call not yet begun.
void host_syscall_cancel(ucontext_t *context);

// Makes thread `index` notice an interrupt (HOST_CALL_INTERRUPT).
#define HOST_INTERRUPT_SIGNAL 35 // SIGRTMIN + 1: glibc leaves it alone
long host_thread_interrupt(uint64_t index);
