// SPDX-License-Identifier: MIT
//
// Signals between threads of the kernel's own programs. Includes no UAPI signal header, so that it can be used beside any header.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct process;
struct regs;
struct siginfo; // <asm/siginfo.h>
struct signal_actions;
struct signal_queue;
struct thread;

#define SIGNAL_BIT(sig) (1ul << ((sig)-1))

// Actions of a process: 64 of struct sigaction. Guarded by the process's signal_lock.
int signal_actions_new(struct signal_actions **ret_actions);
struct signal_actions *signal_actions_get(struct signal_actions *a); // one more process has them (CLONE_SIGHAND)
void signal_actions_put(struct signal_actions *a);
bool signal_actions_shared(const struct signal_actions *a);
void signal_actions_copy(struct signal_actions *to, struct signal_actions *from);
void signal_actions_ignore(struct signal_actions *a, uint64_t set); // of the first program, before it begins
void signal_actions_reset(struct signal_actions *a); // execve: handlers become default, ignored stays ignored

// Is something waiting that ends this thread's wait: an unblocked signal, or the end of its process?
bool signal_interrupts(const struct thread *t);

// Sending. `info` is copied. The caller holds process->lock, or t is the current thread. 0, or -EAGAIN when the queue is full.
int signal_send_thread(struct thread *t, const struct siginfo *info);
// Sending it has no effect on what else is pending, nor on a stop: a thread may send it to itself without its process's lock.
bool signal_is_plain(int sig);
// What raise(3) does: the current thread sends a plain one to itself. It need not be queued if it is delivered at once. Value as
// signal_send_thread.
int signal_raise(const struct siginfo *info);
// To any thread of the process that does not block it. The caller holds process->lock.
int signal_send_process(struct process *p, const struct siginfo *info);
// The signal of a timer, to t, or with NULL as signal_send_process. Its number may be pending already: each timer has its own
// place in the queue. false: not queued (ignored, or out of memory), so nobody will take it. The caller holds process->lock.
bool signal_send_timer(struct process *p, struct thread *t, const struct siginfo *info);
// To the current thread, from the kernel (SIGPIPE).
void signal_send_self(int sig);
// A hardware exception: delivered to the current thread even if blocked or ignored (then it kills).
void signal_force(const struct siginfo *info);

// The current thread's mask; KILL and STOP stay deliverable. Returns the old one.
uint64_t signal_mask_set(uint64_t mask);
// Takes one pending signal of `set` (thread first, then process) from the current thread. 0 when there is none.
int signal_take(uint64_t set, struct siginfo *ret_info);
// Takes what is to be delivered to the current thread next; NULL: nothing. It is this one until signal_delivered says so.
const struct siginfo *signal_take_deliverable(void);
void signal_delivered(void);
// A sender chooses who is interrupted for a signal of the process. If that thread blocks it by then, or ends, somebody else may be able to
// take it. The current thread looks after each interrupt; the other one is for signals of `set`, and its caller holds p->lock.
void signal_pass_on(void);
void signal_pass_on_locked(struct process *p, uint64_t set);
// Takes one of the current thread that is to stop its process, if it is the one to be delivered first. 0: none.
int signal_take_stop(void);
uint64_t signal_pending_set(void);
uint64_t signals_queued(void); // of all processes
// What is pending of a signal that is ignored now is forgotten, as POSIX wants. p is the current process.
void signal_forget(struct process *p, int sig);
void signal_forget_timer(struct process *p, int id); // likewise what a timer of timer_create(2) sent
void signal_queue_clear(struct signal_queue *q);

// Makes a thread notice what was set for it: a signal, the end of its process.
void thread_kick(struct thread *t);

// Would Linux start this call again after a handler with SA_RESTART ran? signal(7), "Interruption of system calls".
bool syscall_restarts(const struct regs *regs);
bool syscall_restarts_always(const struct regs *regs); // whatever the handler's flags
// Does a stop end the wait of this call with EINTR, even if no handler runs? signal(7), at the end.
bool stop_ends_syscall(const struct regs *regs);
