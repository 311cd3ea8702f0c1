// SPDX-License-Identifier: MIT
//
// The life of processes.
#pragma once

#include <stdbool.h>
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

#define MOST_FILES 1048576u // the most descriptors that any limit allows, as /proc/sys/fs/nr_open has it

// What getrlimit(2) says: addresses (RLIMIT_AS) are never unlimited here, and runtimes go by it when they reserve some. p's lock is held.
uint64_t process_limit(const struct process *p, unsigned resource, bool hard);

// Its signal actions are its own from now on (execve). 0 or -ENOMEM.
int process_part_actions(struct process *p);
// RLIMIT_NPROC: may the current thread's user have another thread or process?
bool process_may_have_one_more(void);
int32_t pid_new(void);
// The current thread, the last one, leaves the process's address space for good.
void process_drop_memory(struct process *p);
// Nothing of its program runs any more.
void process_drop_program(struct process *p);
// The first process: what the enclave exists for.
bool process_is_first(const struct process *p);
bool process_first_is_stopped(void);
// Is there a process that is neither stopped nor at its end?
bool processes_any_runs(void);
int32_t process_first_group(void);
// clone(2) without CLONE_THREAD: a child of the current process. Its pid or -errno.
struct clone_request;
long process_clone(const struct clone_request *request);
// Interrupts every thread of the processes that have this address space.
void processes_kick(const struct mm *mm);
// Kills the processes that have this address space, as there is no memory for what they need, and says so on stderr.
void processes_out_of_memory(const struct mm *mm);
// Sending; with si_signo 0 nothing is sent, the answer is the same. -EPERM: a program (si_code <= 0) may not.
// To the process with this pid: 0, -ESRCH or -EAGAIN.
struct siginfo;
long process_signal(int32_t pid, const struct siginfo *info);
// To every process of a group (pgid > 0) or to all but the caller and the first (-1). How many, or -ESRCH.
long processes_signal(int32_t pgid, const struct siginfo *info);
// To one thread of a process, or of any: 0, -ESRCH or -EAGAIN.
long process_signal_thread(int32_t pid, int32_t tid, const struct siginfo *info);
long processes_signal_thread(int32_t tid, const struct siginfo *info);
// POSIX: no member has its parent in another group of the same session, so nobody would continue it. The first process's parent
// is whoever started the enclave.
bool process_group_is_orphaned(int32_t pgid);
// Is there a process of this group in this session?
bool process_group_exists(int32_t pgid, int32_t sid);
// The session of a group; 0: there is none.
int32_t process_group_session(int32_t pgid);
// Calls each, if given, on the thread with this number (0: the current one); its process is locked. 0 or -ESRCH.
struct thread;
int thread_visit(int32_t tid, void (*each)(struct thread *t, void *context), void *context);
// For each process, ended ones that nobody has waited for included; the list is locked.
void processes_each(void (*each)(struct process *p, void *context), void *context);
// The process with this pid; its lock is held on return. NULL: none. process_put_locked releases the lock.
struct process *process_find_lock(int32_t pid);
