// SPDX-License-Identifier: MIT
//
// On the way back to the program: the end of the process, pending signals, restarted system calls.
#include <stddef.h>

#include <linux/errno.h>
#include <linux/signal.h>

#include "kernel/entry/regs.h"
#include "kernel/lib/check.h"
#include "kernel/mm/window.h"
#include "kernel/signal/action.h"
#include "kernel/signal/exception.h"
#include "kernel/signal/frame.h"
#include "kernel/signal/host.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/stop.h"
#include "kernel/sync/sync.h"
#include "kernel/task/exit.h"
#include "kernel/task/task.h"

static bool call_was_interrupted(const struct regs *regs)
{
    return regs->orig_rax != (uint64_t)-1 && (int64_t)regs->rax == -EINTR;
}

static struct sigaction take_action(struct process *p, int sig)
{
    struct sigaction action = action_get(p->actions, sig);
    if (!(action.sa_flags & SA_RESETHAND))
        return action;
    spin_lock(&p->signal_lock);
    action = action_get(p->actions, sig);
    if ((action.sa_flags & SA_RESETHAND) && action.sa_handler != SIG_IGN)
        action_set_default(p->actions, sig);
    spin_unlock(&p->signal_lock);
    return action;
}

// The stack takes no frame: that is a SIGSEGV of its own, whose handler may have another stack. Of SIGSEGV it is the end.
static void no_room_for_frame(const struct regs *regs, const struct siginfo *info)
{
    if (info->si_signo != SIGSEGV) {
        signal_force(&(struct siginfo){.si_signo = SIGSEGV, .si_code = SI_KERNEL});
        return;
    }
    exception_report(regs, SIGSEGV, regs->rsp);
    process_exit_by_signal(SIGSEGV);
}

// false: it cannot run.
static bool run_handler(struct regs *regs, const struct sigaction *action, const struct siginfo *info)
{
    struct thread *t = current_thread();
    bool restart = call_was_interrupted(regs) &&
                   (action->sa_flags & SA_RESTART ? syscall_restarts(regs) : syscall_restarts_always(regs));
    uint64_t mask = t->restore_signal_mask ? t->saved_signal_mask : t->signal_mask;
    if (frame_push(regs, action, info, mask, exception_details(t, info), restart)) {
        no_room_for_frame(regs, info);
        return false;
    }
    t->restore_signal_mask = false;
    uint64_t block = action->sa_mask;
    if (!(action->sa_flags & SA_NODEFER))
        block |= SIGNAL_BIT(info->si_signo);
    (void)signal_mask_set(t->signal_mask | block);
    return true;
}

// true: a handler is about to run.
static bool deliver_one(struct regs *regs, const struct siginfo *info)
{
    struct thread *t = current_thread();
    int sig = info->si_signo;
    if (sig == SIGKILL)
        process_exit_by_signal(sig);
    struct sigaction action = take_action(t->process, sig);
    if (action.sa_handler == SIG_IGN)
        return false;
    if (action.sa_handler == SIG_DFL) {
        if (action_default(sig) == DEFAULT_IGNORE)
            return false;
        if (action_default(sig) == DEFAULT_STOP) {
            stop_begin(sig);
            return false;
        }
        if (exception_caused(t, info))
            exception_report(regs, sig, (uint64_t)info->si_addr);
        process_exit_by_signal(sig);
    }
    return run_handler(regs, &action, info);
}

static void deliver_signals(struct regs *regs)
{
    struct thread *t = current_thread();
    bool handled = false;
    for (const struct siginfo *info; (info = signal_take_deliverable()); signal_delivered())
        handled |= deliver_one(regs, info);
    if (handled)
        return;
    if (t->restore_signal_mask) {
        t->restore_signal_mask = false;
        (void)signal_mask_set(t->saved_signal_mask);
    }
    if (call_was_interrupted(regs) && syscall_restarts(regs))
        syscall_entry(regs); // what woke it was no business of the program's
}

void return_to_program(struct regs *regs)
{
    struct thread *t = current_thread();
    t->regs = regs;
    while (__atomic_load_n(&t->block->interrupt_pending, __ATOMIC_RELAXED)) {
        (void)thread_take_interrupt(t);
        thread_leave_if_ending();
        host_signals_take();
        turn_yield(t->process->mm);
        (void)stop_take_part();
        deliver_signals(regs);
        signal_pass_on();
    }
}

void interrupt_entry(struct regs *regs)
{
    current_thread()->regs = regs; // the flag is set; return_to_program does the work
}
