// SPDX-License-Identifier: MIT
//
// System calls about signals.
#include <stddef.h>

#include <linux/errno.h>
#include <linux/signal.h>
#include <linux/time_types.h>

#include "kernel/entry/regs.h"
#include "kernel/fs/event/pidfd.h"
#include "kernel/fs/proc/proc.h"
#include "kernel/signal/action.h"
#include "kernel/signal/altstack.h"
#include "kernel/signal/frame.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/dispatch.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/task/exit.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/time/time.h"
#include "kernel/vfs/open_file.h"

#define SIGSET_SIZE 8u
#define SIGNALS 64
#define KNOWN_FLAGS 0xdc000807ul // SA_*; programs tell by the others which ones there are

static bool is_signal(int sig)
{
    return sig >= 1 && sig <= SIGNALS;
}

long sys_rt_sigaction(int sig, const void USER *act, void USER *oldact, size_t size)
{
    struct process *p = current_process();
    struct sigaction action = {0}, old;
    if (size != SIGSET_SIZE || !is_signal(sig))
        return -EINVAL;
    if (act && (sig == SIGKILL || sig == SIGSTOP))
        return -EINVAL;
    if (act && GET_USER(action, act))
        return -EFAULT;
    action.sa_flags &= KNOWN_FLAGS;
    action.sa_mask &= ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP));
    spin_lock(&p->signal_lock);
    old = action_get(p->actions, sig);
    if (act)
        action_set(p->actions, sig, &action);
    bool ignored = act && action_ignores(p->actions, sig);
    spin_unlock(&p->signal_lock);
    if (ignored)
        signal_forget(p, sig);
    return oldact ? PUT_USER(old, oldact) : 0;
}

long sys_rt_sigprocmask(int how, const void USER *set, void USER *oldset, size_t size)
{
    uint64_t given, mask = current_thread()->signal_mask, old = mask;
    if (size != SIGSET_SIZE)
        return -EINVAL;
    if (set) {
        if (GET_USER(given, set))
            return -EFAULT;
        switch (how) {
        case SIG_BLOCK:
            mask |= given;
            break;
        case SIG_UNBLOCK:
            mask &= ~given;
            break;
        case SIG_SETMASK:
            mask = given;
            break;
        default:
            return -EINVAL;
        }
        (void)signal_mask_set(mask);
    }
    return oldset ? PUT_USER(old, oldset) : 0;
}

// Leaves by enter_program, not by the dispatcher: every register comes from the frame, rcx and r11 included.
long sys_rt_sigreturn(void)
{
    struct regs *regs = current_thread()->regs;
    if (frame_pop(regs))
        signal_force(&(struct siginfo){.si_signo = SIGSEGV, .si_code = SI_KERNEL});
    enter_program(regs);
}

long sys_rt_sigpending(void USER *set, size_t size)
{
    uint64_t pending = signal_pending_set() & current_thread()->signal_mask;
    if (size > SIGSET_SIZE)
        return -EINVAL;
    return copy_to_user(set, &pending, size);
}

// Waits for a signal with another mask; the old one returns after the handler has run.
static long suspend(uint64_t mask)
{
    struct thread *t = current_thread();
    struct waitq nobody = {0};
    t->saved_signal_mask = signal_mask_set(mask);
    t->restore_signal_mask = true;
    return wait_event(&nobody, false, UINT64_MAX);
}

long sys_rt_sigsuspend(const void USER *set, size_t size)
{
    uint64_t mask;
    if (size != SIGSET_SIZE)
        return -EINVAL;
    if (GET_USER(mask, set))
        return -EFAULT;
    return suspend(mask);
}

long sys_pause(void)
{
    struct waitq nobody = {0};
    return wait_event(&nobody, false, UINT64_MAX);
}

// Waits with `set` unblocked, so that senders choose this thread; any other signal ends the wait with -EINTR.
static int wait_for_signal(uint64_t set, uint64_t deadline, struct siginfo *ret_info)
{
    struct thread *t = current_thread();
    struct waitq nobody = {0};
    t->awaited_signals = set;
    t->blocked_before = t->signal_mask;
    uint64_t old = signal_mask_set(t->signal_mask & ~set);
    int r = 0, sig = signal_take(set, ret_info);
    if (!sig && deadline) {
        r = wait_event(&nobody, false, deadline);
        sig = signal_take(set, ret_info);
    }
    (void)signal_mask_set(old);
    t->awaited_signals = t->blocked_before = 0;
    if (sig)
        return sig;
    return r == -EINTR ? -EINTR : -EAGAIN;
}

long sys_rt_sigtimedwait(const void USER *user_set, void USER *info, const void USER *timeout, size_t size)
{
    uint64_t set, ns = 0, deadline = UINT64_MAX;
    struct siginfo taken;
    if (size != SIGSET_SIZE)
        return -EINVAL;
    if (GET_USER(set, user_set))
        return -EFAULT;
    set &= ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP));
    if (timeout) {
        int r = timespec_from_user(timeout, &ns);
        if (r)
            return r;
        deadline = ns ? deadline_after(ns) : 0;
    }
    int sig = wait_for_signal(set, deadline, &taken);
    if (sig > 0 && info && PUT_USER(taken, info))
        return -EFAULT;
    return sig;
}

long sys_sigaltstack(const void USER *stack, void USER *old)
{
    struct thread *t = current_thread();
    stack_t given, before;
    altstack_get(t, t->regs->rsp, &before);
    if (stack) {
        if (GET_USER(given, stack))
            return -EFAULT;
        int r = altstack_set(t, t->regs->rsp, &given);
        if (r)
            return r;
    }
    return old ? PUT_USER(before, old) : 0;
}

static void from_user(int sig, int code, struct siginfo *ret_info)
{
    const struct thread *t = current_thread();
    *ret_info = (struct siginfo){.si_signo = sig, .si_code = code};
    ret_info->si_pid = t->process->pid;
    ret_info->si_uid = t->cred.uid;
}

static long send_to_all(int pid, const struct siginfo *info)
{
    if (pid == INT32_MIN)
        return -ESRCH;
    if (pid > 0)
        return process_signal(pid, info);
    long n = processes_signal(pid == 0 ? current_process()->pgid : pid == -1 ? -1 : -pid, info);
    return n < 0 ? n : 0;
}

long sys_kill(int pid, int sig)
{
    const bool possible = !sig || is_signal(sig); // whether there is somebody is asked first
    struct siginfo info;
    from_user(possible ? sig : 0, SI_USER, &info);
    if (!possible && send_to_all(pid, &info) != -ESRCH)
        return -EINVAL;
    return send_to_all(pid, &info);
}

long sys_tkill(int tid, int sig)
{
    struct siginfo info;
    if (tid <= 0 || (sig && !is_signal(sig)))
        return -EINVAL;
    from_user(sig, SI_TKILL, &info);
    long r = process_signal_thread(current_process()->pid, tid, &info); // nearly always
    return r == -ESRCH ? processes_signal_thread(tid, &info) : r;
}

long sys_tgkill(int tgid, int tid, int sig)
{
    struct siginfo info;
    if (tgid <= 0 || tid <= 0 || (sig && !is_signal(sig)))
        return -EINVAL;
    from_user(sig, SI_TKILL, &info);
    return process_signal_thread(tgid, tid, &info);
}

// A program may not claim that the kernel or kill() sent the signal to another process.
static int info_from_user(struct siginfo *info, int sig, int pid, const void USER *from)
{
    if (GET_USER(*info, from))
        return -EFAULT;
    if (sig && !is_signal(sig))
        return -EINVAL;
    info->si_signo = sig;
    bool forged = info->si_code >= 0 || info->si_code == SI_TKILL;
    return forged && pid != current_process()->pid ? -EPERM : 0;
}

long sys_rt_sigqueueinfo(int pid, int sig, const void USER *user_info)
{
    struct siginfo info;
    int r = info_from_user(&info, sig, pid, user_info);
    return r ? r : process_signal(pid, &info);
}

long sys_rt_tgsigqueueinfo(int tgid, int tid, int sig, const void USER *user_info)
{
    struct siginfo info;
    int r = info_from_user(&info, sig, tgid, user_info);
    if (!r && (tgid <= 0 || tid <= 0))
        r = -EINVAL;
    return r ? r : process_signal_thread(tgid, tid, &info);
}

long sys_pidfd_send_signal(int pidfd, int sig, const void USER *user_info, int flags)
{
    if (flags || (sig && !is_signal(sig)))
        return -EINVAL;
    struct file *f = fd_get(pidfd);
    int pid = f ? pidfd_pid(f) : -EBADF;
    if (f && pid < 0 && f->node) // a folder of /proc will do
        pid = proc_process_of(f->node);
    file_put(f);
    if (pid < 0)
        return pid;
    struct siginfo info;
    from_user(sig, SI_USER, &info);
    int r = 0;
    if (user_info && GET_USER(info, user_info))
        r = -EFAULT;
    else if (user_info && info.si_signo != sig)
        r = -EINVAL;
    else if (user_info)
        r = info_from_user(&info, sig, pid, user_info);
    return r ? r : process_signal(pid, &info);
}
