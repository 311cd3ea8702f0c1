// SPDX-License-Identifier: MIT
//
// Stopping and continuing processes (man 7 signal, man 2 wait). A thread that takes a stop signal begins the stop of its process;
// each thread takes part on its way back to the program, or where it sleeps in a system call, which goes on afterwards as if nothing
// had been. The last one makes the process a stopped one, and tells the parent. A thread that takes part gives up the turn of its
// address space. SIGCONT and SIGKILL end the stop when they are sent, whatever becomes of them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct process;
struct thread;

// Guarded by the process's signal_lock.
struct stop {
    int signal;          // that the process stops by, or is stopped by; 0: it runs
    uint32_t generation; // of the stop
    unsigned threads;    // that have taken part
    bool taken;          // a stop signal was taken from the queue, and no SIGCONT was sent since
    bool done;           // all threads have taken part
    int report;          // wait status of the last stop or continuation, until somebody has waited for it; 0: none
    int news;            // CLD_* that the parent is still to hear of, 0: none
    int news_status;     // si_status that goes with it
};

// The process of the current thread stops by this signal, just taken from its queue; it takes part. Nothing happens in an orphaned
// process group, except by SIGSTOP, or if SIGCONT came meanwhile.
void stop_begin(int sig);
// Sleeps while the current thread's process is stopped. Its space's turn is held before and after. false: it was not.
bool stop_take_part(void);
// For the sleep of a system call: takes part in a stop, which may begin by a signal that is pending for this thread. false: nothing.
bool stop_in_sleep(struct thread *t);

// SIGCONT was sent; process->lock and signal_lock are held. Threads are to be woken by stop_wake.
void stop_continue_locked(struct process *p);
// The process is about to end or to exec: no stop any more. signal_lock is held.
void stop_cancel_locked(struct process *p);
void stop_wake(struct process *p);
// A thread left the process; process->lock is held. It may have been the last that a stop waited for.
void stop_thread_gone(struct process *p, const struct thread *t);

// Has this thread taken part in a stop that still is?
bool thread_is_stopped(const struct thread *t);
