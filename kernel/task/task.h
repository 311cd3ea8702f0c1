// SPDX-License-Identifier: MIT
//
// Processes and threads.
//
// Rules: process->lock (a mutex) guards the thread list and the way to the end; process->signal_lock (a spin lock, taken inside
// it) guards pending signals and actions. A struct thread lives as long as its thread area is not given to another thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/entry.h"
#include "kernel/entry/regs.h"
#include "kernel/signal/queue.h"
#include "kernel/signal/stop.h"
#include "kernel/sync/sync.h"
#include "kernel/task/capability.h"

struct mm;
struct fd_table;       // kernel/vfs
struct fs_state;       // kernel/vfs: cwd, root, umask
struct signal_actions; // kernel/signal
struct file;
struct attestation;    // kernel/tee
struct process_timers; // kernel/time
struct sem_undo;       // kernel/ipc
struct callback;       // kernel/tee
struct group_list;     // kernel/task/credentials.h

#define FIRST_PID 100 // programs treat pid 1 as special
#define INIT_PID 1    // parent of the first process; no process of ours has it
#define RLIMITS 16u
#define CPUS_MAX 1024u
#define TIMER_SLACK_NS 50000ul

// What programs set and ask for (kernel/syscall/priority.c); the host schedules.
struct scheduling {
    uint64_t runtime_ns, deadline_ns, period_ns; // of SCHED_DEADLINE; else 0
    int nice, policy, priority, io_priority;
    bool reset_on_fork, has_affinity;
    uint8_t affinity[CPUS_MAX / 8];
};

struct credentials {
    uint32_t uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
    struct group_list *groups; // kernel/task/credentials.h; NULL: none
    struct capabilities capabilities;
    uint32_t secure_bits; // SECBIT_*
};

// What getrusage(2) counts besides processor time.
struct usage {
    uint64_t faults, waits; // page faults that were served; sleeps
    uint64_t most_bytes;    // of memory: the enclave's, as it cannot be told whose it is
};

struct process {
    struct process *parent; // NULL for the first process and for orphans without a reaper
    struct process *next;   // list of all processes, guarded by its lock (kernel/task/process.c)
    int32_t pid, pgid, sid;
    bool executed;           // a program of its own, since it was forked
    bool left_terminal;      // its session's terminal is none of its (TIOCNOTTY)
    int32_t lost_foreground; // of a session's leader: the foreground group of a terminal that hung up
    int exit_signal;         // what the parent gets, 0: nothing
    bool zombie;             // ended, not waited for; guarded by the list's lock
    struct process *vforker; // waits until this process has its own memory or has ended, else NULL; likewise
    struct waitq vfork_wait; // its threads that wait so
    struct waitq child_wait; // threads that wait for a change of a child
    struct mm *mm;
    struct fd_table *files; // of all threads that have none of their own
    struct fs_state *fs;    // likewise
    struct signal_actions *actions;
    struct credentials cred; // those of the first thread, for others to see
    struct file *executable; // /proc/self/exe
    char *executable_path;   // absolute path as executed
    struct mutex lock;
    /* guarded by lock: */
    struct thread *threads;
    unsigned thread_count;
    bool exiting;          // also read without the lock: it only ever becomes true
    struct thread *execer; // the one thread that survives an execve under way
    int exit_status;       // wait status
    uint64_t ended_cpu_ns; // processor time of threads that have ended; atomic
    uint64_t seen_cpu_ns;  // what was last said of all
    struct usage ended_usage; // of threads that have ended; atomic
    struct waitq exit_wait; // woken when a thread has ended
    char name[16];
    uint64_t rlimits[RLIMITS][2];
    uint64_t start_ns;
    uint32_t personality;
    uint32_t core_filter;  // kept only, as nothing dumps core
    int oom_score_adjustment, oom_least; // kept only; who lacks CAP_SYS_RESOURCE does not go below the latter
    bool dumpable, no_new_privileges, huge_pages_disabled;
    bool subreaper;          // orphans below it become its children; guarded by the list's lock
    uint64_t children_cpu_ns; // processor time of children that were waited for; guarded by the list's lock
    struct usage children_usage; // likewise
    int parent_death_signal; // what it gets when its parent ends, 0: nothing; likewise
    struct attestation *attestation; // kernel/tee/device.c; made under lock, then fixed
    struct process_timers *timers;  // guarded by timers_lock (kernel/time/timer.h)
    struct sem_undo *undo;          // guarded by the lock of kernel/ipc/sysv_sem.c
    struct waitq signal_wait;       // woken when a signal was queued (signalfd)
    struct waitq stop_wait;         // threads of a stopped process
    struct spin signal_lock;
    /* guarded by signal_lock: */
    struct signal_queue shared_pending;
    struct stop stop;
};

struct thread {
    struct thread_block *block;
    struct process *process;
    struct thread *next; // in process, guarded by process->lock
    int32_t tid;
    struct credentials cred; // each thread has its own, as on Linux; written by the thread itself
    struct fd_table *files;  // NULL: the process's; see unshare(2)
    struct fs_state *fs;     // likewise
    struct regs *regs;        // the program's registers while in the kernel
    uint64_t clear_child_tid; // program address
    uint64_t robust_list, robust_list_size;
    bool owns_no_futex; // kernel/sync/futex_pi.c: has given up its locks, ending
    uint64_t signal_mask;       // written by the thread itself (signal_mask_set)
    uint64_t saved_signal_mask; // to be restored after sigsuspend and the like, if restore_signal_mask
    bool restore_signal_mask;
    uint64_t awaited_signals;   // sigtimedwait takes these, whatever their action
    uint64_t blocked_before;    // what the mask was when that began; else 0
    uint32_t stopped_in;        // generation of the last stop that it took part in; guarded by process->signal_lock
    struct signal_queue pending; // guarded by process->signal_lock
    struct queued_signal *signal_spare; // kernel/signal/queue.c; its own
    struct queued_signal *taken; // likewise: what is delivered next, in no queue
    struct fault_details fault; // last exception of this thread, and the signal that it became
    int fault_signal;
    struct regs faulted_with; // kernel/signal/stuck.c: the last page fault that was served, and how often since with the same registers
    unsigned faulted;
    enum cpuid_watch { CPUID_UNWATCHED, CPUID_TRAPS, CPUID_BREAKPOINTS } cpuid_watch; // kernel/entry/cpuid.h
    uint64_t altstack_sp, altstack_size;
    uint32_t altstack_flags;
    uint32_t sleeping; // kernel/sync/sleep.c: sleeps, or is about to, and how it is woken; 0: does not
    uint32_t spin_ns;  // kernel/sync/sleep.c: how long it looks before it sleeps
    char name[16];
    struct scheduling scheduling;
    bool machine_check_set; // prctl(2) chose; machine_check_early: SIGBUS at once. Kept only, as the host handles those
    bool machine_check_early;
    struct usage usage;      // written by the thread itself
    uint64_t timer_slack_ns; // what prctl(2) set; 0: TIMER_SLACK_NS. The host decides when a sleeper wakes
    uint8_t *xstate; // kernel/task/xstate.c: vector state on its way to or from a signal frame
    struct callback *callbacks; // kernel/tee/callback.c
    struct helper *helper; // first thread of a helper process, on a borrowed block (kernel/task/helper.c); else NULL
    void (*service)(void); // what a thread of the kernel's own runs (kernel/task/service.c); else NULL
    // Where a new thread begins; owner thread only once started.
    struct regs start_regs;
    uint64_t start_fs_base, start_set_tid;
    uint32_t membarriers_passed; // kernel/task/membarrier.h; atomic
    bool aside; // may not touch its memory now (kernel/mm/window.h)
    struct mm *visited; // kernel/mm/visit.h; else NULL
    bool start_active; // it has the turn already (turn_hand_over)
    bool has_time; // kernel/time/processor_time.c: it uses the processor time of its area's host thread
    bool start_xstate; // all of the vector state, from xstate
    uint32_t start_mxcsr;
    uint16_t start_x87_control;
};

static inline struct thread *current_thread(void)
{
    struct thread *t;
    __asm__("mov %%gs:%c1, %0" : "=r"(t) : "i"(THREAD_BLOCK_CURRENT));
    return t;
}
#define current_process() (current_thread()->process)

static inline struct fd_table *current_files(void)
{
    const struct thread *t = current_thread();
    return t->files ? t->files : t->process->files;
}

static inline struct fs_state *current_fs(void)
{
    const struct thread *t = current_thread();
    return t->fs ? t->fs : t->process->fs;
}
