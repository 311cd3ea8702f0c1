// SPDX-License-Identifier: MIT
//
// The end of threads and processes. Wait statuses have Linux's form: code << 8, or the signal.
#include "kernel/task/exit.h"

#include <stddef.h>

#include <linux/errno.h>

#include "abi/target.h"
#include "kernel/entry/cpuid.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/stop.h"
#include "kernel/sync/futex.h"
#include "kernel/sync/futex_pi.h"
#include "kernel/sync/robust.h"
#include "kernel/syscall/dispatch.h"
#include "kernel/mm/window.h"
#include "kernel/task/helper.h"
#include "kernel/task/process.h"
#include "kernel/task/sharing.h"
#include "kernel/task/wait.h"
#include "kernel/task/task.h"
#include "kernel/time/processor_time.h"

static int shell_status(int wait_status)
{
    int sig = wait_status & 0x7f;
    return sig ? 128 + sig : wait_status >> 8 & 0xff;
}

// The first process is what the enclave exists for: with it everything ends at once, without waiting for its threads.
static _Noreturn void enclave_exit(const struct process *p)
{
    syscall_report_absent();
    target_exit(shell_status(p->exit_status));
}

void thread_release_memory(struct thread *t)
{
    robust_list_release(t);
    futex_pi_end(t);
    if (!t->clear_child_tid)
        return;
    const int32_t zero = 0;
    if (PUT_USER(zero, (int32_t USER *)t->clear_child_tid) == 0)
        (void)futex_wake(mm_futex_key(t->process->mm, t->clear_child_tid), 1, FUTEX_ANY);
    t->clear_child_tid = 0;
}

// Under the lock to the end: when it is free again, nothing of this thread looks at the process any more.
static void unlink_locked(struct process *p, struct thread *t)
{
    for (struct thread **link = &p->threads; *link; link = &(*link)->next) {
        if (*link == t) {
            *link = t->next;
            break;
        }
    }
    p->thread_count--;
    stop_thread_gone(p, t);
    waitq_wake(&p->exit_wait, UINT32_MAX);
}

void thread_unpublish(struct thread *t)
{
    struct process *p = t->process;
    mutex_lock(&p->lock);
    unlink_locked(p, t);
    mutex_unlock(&p->lock);
}

void threads_wait_alone(struct process *p)
{
    mutex_lock(&p->lock);
    while (p->thread_count > 1) {
        struct waiter w = {0};
        waitq_add(&p->exit_wait, &w);
        mutex_unlock(&p->lock);
        if (p->mm)
            turn_leave(p->mm); // the others may need it to end
        waiter_sleep_uninterruptible(&w);
        if (p->mm)
            turn_enter(p->mm);
        waitq_remove(&w);
        mutex_lock(&p->lock);
    }
    mutex_unlock(&p->lock);
}

// Ends the current thread. Whoever is last ends the process, with this wait status unless one is set already.
static _Noreturn void thread_end(struct thread *t, int wait_status)
{
    struct process *p = t->process;
    struct mm *mm = p->mm;
    processor_time_end(t);
    cpuid_watch_end(t);
    if (mm)
        thread_release_memory(t);
    thread_drop_own(t);
    if (t->helper) {
        threads_wait_alone(p);
        if (!p->exiting)
            p->exit_status = wait_status;
        helper_end(t);
    }
    mutex_lock(&p->lock);
    bool last = p->thread_count == 1;
    if (last && !p->exiting)
        p->exit_status = wait_status;
    if (last && process_is_first(p))
        enclave_exit(p);
    p->exiting |= last;
    unlink_locked(p, t);
    signal_pass_on_locked(p, ~t->signal_mask);
    mutex_unlock(&p->lock);
    if (mm && !last)
        turn_leave(mm);
    else if (mm)
        process_drop_memory(p);
    if (last) {
        process_drop_program(p);
        process_finish(p);
    }
    target_thread_exit();
}

void thread_exit(int code)
{
    thread_end(current_thread(), (code & 0xff) << 8);
}

// The other threads hear of it wherever they are, and in a stop too. p->lock is held.
static void kick_others(struct process *p, const struct thread *self)
{
    spin_lock(&p->signal_lock);
    stop_cancel_locked(p);
    spin_unlock(&p->signal_lock);
    stop_wake(p);
    for (struct thread *t = p->threads; t; t = t->next)
        if (t != self)
            thread_kick(t);
}

static _Noreturn void process_end(int wait_status)
{
    struct thread *self = current_thread();
    struct process *p = self->process;
    mutex_lock(&p->lock);
    if (!p->exiting) {
        p->exit_status = wait_status;
        __atomic_store_n(&p->exiting, true, __ATOMIC_SEQ_CST);
        if (process_is_first(p))
            enclave_exit(p);
        kick_others(p, self);
    }
    mutex_unlock(&p->lock);
    thread_end(self, wait_status);
}

void process_exit(int code)
{
    process_end((code & 0xff) << 8);
}

void process_exit_by_signal(int sig)
{
    process_end(sig & 0x7f);
}

void thread_leave_if_ending(void)
{
    struct thread *t = current_thread();
    const struct process *p = t->process;
    if (p->exiting || (p->execer && p->execer != t))
        thread_end(t, /* wait_status= */ 0);
}

int threads_end_others(void)
{
    struct thread *self = current_thread();
    struct process *p = self->process;
    mutex_lock(&p->lock);
    if (p->exiting || p->execer) {
        mutex_unlock(&p->lock);
        return -EINTR;
    }
    p->execer = self;
    kick_others(p, self);
    mutex_unlock(&p->lock);
    threads_wait_alone(p);
    p->execer = NULL;
    return 0;
}
