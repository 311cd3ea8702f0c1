// SPDX-License-Identifier: MIT
#include "kernel/task/wait.h"

#include <stddef.h>

#include <linux/errno.h>
#include <linux/signal.h>
#include <linux/wait.h>

#include "kernel/fs/tty/tty.h"
#include "kernel/ipc/ipc.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"
#include "kernel/signal/action.h"
#include "kernel/signal/signal.h"
#include "kernel/task/process.h"
#include "kernel/task/processes.h"
#include "kernel/task/task.h"
#include "kernel/vfs/file.h"

enum { STATUS_CONTINUED = 0xffff, NSIG_END = 65 };

static struct process *find(int32_t pid)
{
    struct process *p = processes_first();
    while (p && p->pid != pid)
        p = p->next;
    return p;
}

// Wakes under the lock: once vforker is NULL it may end.
void vfork_release(struct process *p)
{
    processes_lock();
    if (p->vforker)
        (void)waitq_wake(&p->vforker->vfork_wait, UINT32_MAX);
    p->vforker = NULL;
    processes_unlock();
}

static bool has_memory_of_parent(int32_t pid)
{
    processes_lock();
    const struct process *p = find(pid);
    bool yes = p && p->vforker;
    processes_unlock();
    return yes;
}

// Each process has a queue of its own: children of vfork that vfork go deep, and all would look again whenever one ends.
void vfork_wait(int32_t pid)
{
    struct process *self = current_process();
    if (!has_memory_of_parent(pid))
        return;
    turn_leave(self->mm);
    while (has_memory_of_parent(pid)) {
        struct waiter w = {0};
        waitq_add(&self->vfork_wait, &w);
        if (has_memory_of_parent(pid))
            waiter_sleep_uninterruptible(&w);
        waitq_remove(&w);
    }
    turn_enter(self->mm);
}

// Nobody will wait for it: the parent is gone, or does not want to know. The list is locked.
static bool unwanted(const struct process *p)
{
    const struct process *parent = p->parent;
    if (!parent)
        return true;
    struct sigaction a = action_get(parent->actions, SIGCHLD);
    return p->exit_signal == SIGCHLD && (a.sa_handler == SIG_IGN || (a.sa_flags & SA_NOCLDWAIT));
}

static struct siginfo child_info(const struct process *p)
{
    struct siginfo info = {.si_signo = p->exit_signal};
    int sig = p->exit_status & 0x7f;
    info.si_code = sig ? CLD_KILLED : CLD_EXITED;
    info.si_pid = p->pid;
    info.si_uid = p->cred.uid;
    info.si_status = sig ? sig : p->exit_status >> 8 & 0xff;
    return info;
}

static void tell_parent(struct process *p)
{
    struct process *parent = p->parent;
    if (p->exit_signal && p->exit_signal < NSIG_END) { // clone(2) takes any number
        const struct siginfo info = child_info(p);
        mutex_lock(&parent->lock);
        if (parent->threads)
            (void)signal_send_process(parent, &info); // no memory: the wait still finds the zombie
        mutex_unlock(&parent->lock);
    }
    (void)waitq_wake(&parent->child_wait, UINT32_MAX);
}

void process_tell_stop(struct process *p, int code, int status)
{
    processes_lock();
    struct process *parent = p->parent;
    struct siginfo info = {.si_signo = SIGCHLD, .si_code = code};
    info.si_pid = p->pid;
    info.si_uid = p->cred.uid;
    info.si_status = status;
    if (parent) {
        mutex_lock(&parent->lock);
        spin_lock(&parent->signal_lock);
        bool wanted = !(action_get(parent->actions, SIGCHLD).sa_flags & SA_NOCLDSTOP);
        spin_unlock(&parent->signal_lock);
        if (wanted && parent->threads)
            (void)signal_send_process(parent, &info); // no memory: the wait still finds it
        mutex_unlock(&parent->lock);
        (void)waitq_wake(&parent->child_wait, UINT32_MAX);
    }
    processes_unlock();
}

void process_set_parent_death_signal(struct process *p, int sig)
{
    processes_lock();
    p->parent_death_signal = sig;
    processes_unlock();
}

void process_set_subreaper(struct process *p, bool subreaper)
{
    processes_lock();
    p->subreaper = subreaper;
    processes_unlock();
}

// The nearest ancestor that asked for orphans. The list is locked; whoever is the parent of a process still has its structure.
static struct process *reaper_of(const struct process *p)
{
    struct process *r = p->parent;
    while (r && (!r->subreaper || r->exiting))
        r = r->parent;
    return r;
}

static void tell_child(struct process *c, const struct process *parent)
{
    struct siginfo info = {.si_signo = c->parent_death_signal, .si_code = SI_USER};
    info.si_pid = parent->pid;
    info.si_uid = parent->cred.uid;
    mutex_lock(&c->lock);
    if (c->threads)
        (void)signal_send_process(c, &info); // no memory: nobody to tell
    mutex_unlock(&c->lock);
}

static void send_locked(struct process *p, int sig)
{
    const struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};
    mutex_lock(&p->lock);
    if (p->threads)
        (void)signal_send_process(p, &info);
    mutex_unlock(&p->lock);
}

// POSIX: a group with stopped members that is orphaned by an end gets SIGHUP and SIGCONT, as nobody else would continue it.
static void release_group(int32_t pgid, const struct process *ended)
{
    bool stopped = false;
    if (!process_group_is_orphaned_locked(pgid, ended))
        return;
    for (const struct process *p = processes_first(); p; p = p->next)
        stopped |= p->pgid == pgid && p != ended && p->stop.done && p->stop.signal;
    for (struct process *p = stopped ? processes_first() : NULL; p; p = p->next) {
        if (p->pgid != pgid || p == ended || p->zombie)
            continue;
        send_locked(p, SIGHUP);
        send_locked(p, SIGCONT);
    }
}

// Gives the children to a reaper, or to nobody. One of those that nobody will wait for any more: a zombie already.
static struct process *orphan_children(const struct process *p)
{
    struct process *dead = NULL, *reaper = reaper_of(p);
    for (struct process *c = processes_first(); c; c = c->next) {
        if (c->parent != p || (dead && c->zombie)) // the next round finds the other zombies
            continue;
        if (c->parent_death_signal)
            tell_child(c, p);
        c->parent = reaper;
        c->exit_signal = SIGCHLD;
        if (c->pgid != p->pgid && c->sid == p->sid)
            release_group(c->pgid, p);
        if (c->zombie && unwanted(c))
            dead = c;
        else if (c->zombie)
            tell_parent(c);
    }
    return dead;
}

// It is the caller's to free; nobody finds it any more.
static void give_up(struct process *p)
{
    p->zombie = false;
    p->parent = NULL;
}

static void give_back(struct process *p)
{
    sem_process_end(p);
    mutex_lock(&p->lock); // /proc looks at them under it
    struct fd_table *files = p->files;
    struct fs_state *fs = p->fs;
    struct mm *mm = p->mm;
    p->files = NULL;
    p->fs = NULL;
    p->mm = NULL;
    mutex_unlock(&p->lock);
    if (files)
        fd_table_put(files);
    if (fs)
        fs_state_put(fs);
    if (mm)
        mm_put(mm);
}

void process_finish(struct process *p)
{
    tty_process_ended(p);
    give_back(p);
    vfork_release(p);
    for (struct process *dead = p; dead;) {
        processes_lock();
        dead = orphan_children(p);
        if (dead)
            give_up(dead);
        processes_unlock();
        if (dead)
            process_free(dead);
    }
    processes_lock();
    const struct process *parent = p->parent;
    if (parent && parent->pgid != p->pgid && parent->sid == p->sid)
        release_group(p->pgid, p);
    bool reap = unwanted(p);
    p->zombie = !reap;
    if (p->parent)
        tell_parent(p);
    if (reap)
        p->parent = NULL; // a wait that looks between here and the end of the structure finds no child
    processes_unlock();
    if (reap)
        process_free(p);
}

// Children of clone(2) that end with another signal than SIGCHLD, or with none, are for who asks for them.
static bool is_of_kind(const struct wait_request *q, const struct process *p)
{
    return (q->options & __WALL) || (p->exit_signal != SIGCHLD) == !!(q->options & (int)__WCLONE);
}

static bool matches(const struct wait_request *q, const struct process *p, const struct process *self)
{
    if (p->parent != self || !is_of_kind(q, p))
        return false;
    return q->which == WAIT_ANY || (q->which == WAIT_PID ? p->pid == q->id : p->pgid == q->id);
}

// Takes what p reports, and is asked for: a stop or its end.
static int report_of(struct process *p, const struct wait_request *q)
{
    spin_lock(&p->signal_lock);
    int status = p->stop.report;
    if (!(q->options & (status == STATUS_CONTINUED ? WCONTINUED : WSTOPPED)))
        status = 0;
    if (status && !(q->options & WNOWAIT))
        p->stop.report = 0;
    spin_unlock(&p->signal_lock);
    return status;
}

// 1: found; 0: there are children, none has changed; -ECHILD.
static int look(const struct wait_request *q, struct wait_answer *ret, struct process **ret_reaped)
{
    struct process *self = current_process();
    int r = -ECHILD;
    *ret_reaped = NULL;
    processes_lock();
    for (struct process *p = processes_first(); p && r != 1; p = p->next) {
        if (!matches(q, p, self))
            continue;
        if (p->zombie && !(q->options & WEXITED))
            continue; // nothing else will come of it
        r = 0;
        bool ended = p->zombie;
        int report = p->zombie ? 0 : report_of(p, q);
        if (!ended && !report)
            continue;
        *ret = (struct wait_answer){.pid = p->pid, .uid = p->cred.uid, .status = ended ? p->exit_status : report};
        ret->cpu_ns = ended ? p->ended_cpu_ns + p->children_cpu_ns : 0;
        if (ended) {
            ret->used = p->ended_usage;
            usage_add(&ret->used, &p->children_usage);
        }
        if (ended && !(q->options & WNOWAIT)) {
            p->zombie = false; // nobody else finds it
            p->parent = NULL;
            self->children_cpu_ns += ret->cpu_ns;
            usage_add(&self->children_usage, &ret->used);
            *ret_reaped = p;
        }
        r = 1;
    }
    processes_unlock();
    return r;
}

void usage_add(struct usage *to, const struct usage *more)
{
    to->faults += more->faults;
    to->waits += more->waits;
    to->most_bytes = more->most_bytes > to->most_bytes ? more->most_bytes : to->most_bytes;
}

struct usage children_usage(const struct process *p)
{
    processes_lock();
    struct usage u = p->children_usage;
    processes_unlock();
    return u;
}

uint64_t children_cpu_ns(const struct process *p)
{
    processes_lock();
    uint64_t ns = p->children_cpu_ns;
    processes_unlock();
    return ns;
}

long process_wait(const struct wait_request *q, struct wait_answer *ret)
{
    int interrupted = 0; // by the signal of the very child, perhaps: it is looked for once more
    *ret = (struct wait_answer){0};
    for (;;) {
        struct process *reaped;
        struct waiter w = {0};
        waitq_add(&current_process()->child_wait, &w);
        int r = look(q, ret, &reaped);
        int slept = !r && !(q->options & WNOHANG) && !interrupted ? waiter_sleep(&w, UINT64_MAX) : 0;
        waitq_remove(&w);
        if (reaped)
            process_free(reaped);
        if (r || (q->options & WNOHANG))
            return r < 0 ? r : 0;
        if (interrupted)
            return interrupted;
        interrupted = slept;
    }
}
