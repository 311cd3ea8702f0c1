// SPDX-License-Identifier: MIT
//
// Processes and threads.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/entry.h"
#include "kernel/sync/sync.h"

struct mm;
struct regs;
struct fd_table; // kernel/vfs
struct fs_state; // kernel/vfs: cwd, root, umask
struct signal_actions; // kernel/signal
struct file;

struct credentials {
    uint32_t uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
};

struct process {
    struct process *parent;
    int32_t pid, pgid, sid;
    struct mm *mm;
    struct fd_table *files;
    struct fs_state *fs;
    struct signal_actions *actions;
    struct credentials cred;
    struct file *executable; // /proc/self/exe
    char *executable_path;   // absolute path as executed
    struct mutex lock;
    /* guarded by lock: */
    struct thread *threads;
    unsigned thread_count;
    bool exiting;
    int exit_status; // wait status
    struct waitq exit_wait;
    char name[16];
    uint64_t rlimits[16][2];
    uint64_t start_ns;
};

struct thread {
    struct thread_block *block;
    struct process *process;
    struct thread *next; // in process, guarded by process->lock
    int32_t tid;
    struct regs *regs;   // the program's registers while in the kernel
    uint64_t clear_child_tid; // program address
    uint64_t robust_list, robust_list_size;
    uint64_t signal_mask, signal_pending; // kernel/signal
    uint64_t altstack_sp, altstack_size;
    uint32_t altstack_flags;
    uint32_t sleep_word_index; // kernel/sync: word in untrusted memory on which the thread sleeps
    char name[16];
    uint8_t *fpu; // kernel/crypto/fpu.c: save area, NULL until first used
};

static inline struct thread *current_thread(void)
{
    struct thread *t;
    __asm__("mov %%gs:%c1, %0" : "=r"(t) : "i"(THREAD_BLOCK_CURRENT));
    return t;
}
#define current_process() (current_thread()->process)
