// SPDX-License-Identifier: MIT
//
// fork, vfork, clone without CLONE_THREAD: a process with one thread, which begins where its parent is.
#include <stddef.h>

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/sched.h>

#include "abi/layout.h"
#include "kernel/fs/event/pidfd.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/exchange.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/mm/window.h"
#include "kernel/signal/signal.h"
#include "kernel/task/credentials.h"
#include "kernel/task/process.h"
#include "kernel/task/processes.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/task/wait.h"
#include "kernel/task/xstate.h"
#include "kernel/time/process_timers.h"
#include "kernel/time/time.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/text_busy.h"

static int check(const struct clone_request *q)
{
    const uint64_t impossible = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                                CLONE_NEWCGROUP | CLONE_NEWTIME | CLONE_INTO_CGROUP;
    if (q->flags & impossible)
        return -EINVAL;
    if ((q->flags & CLONE_SIGHAND) && (!(q->flags & CLONE_VM) || (q->flags & CLONE_CLEAR_SIGHAND)))
        return -EINVAL;
    return (q->flags & CLONE_SETTLS) && q->tls >= USER_END ? -EPERM : 0;
}

static int copy_files(struct process *child, uint64_t flags)
{
    int r = 0;
    if (flags & CLONE_FILES)
        child->files = fd_table_get(current_files());
    else
        r = fd_table_copy(current_files(), &child->files);
    if (!r && (flags & CLONE_FS))
        child->fs = fs_state_get(current_fs());
    else if (!r)
        r = fs_state_copy(current_fs(), &child->fs);
    return r;
}

static int copy_names(struct process *child, const struct process *p)
{
    size_t size = strlen(p->executable_path) + 1;
    child->executable_path = kmalloc(size);
    if (!child->executable_path)
        return -ENOMEM;
    memcpy(child->executable_path, p->executable_path, size);
    child->executable = file_get(p->executable);
    text_run_again(child->executable);
    memcpy(child->name, p->name, sizeof(child->name));
    return 0;
}

static void copy_attributes(struct process *child, struct process *p, const struct clone_request *q)
{
    child->pgid = p->pgid;
    child->sid = p->sid;
    child->left_terminal = p->left_terminal;
    credentials_copy(&child->cred, &current_thread()->cred);
    child->personality = p->personality;
    child->core_filter = p->core_filter;
    child->oom_score_adjustment = p->oom_score_adjustment;
    child->oom_least = p->oom_least;
    child->dumpable = p->dumpable;
    child->no_new_privileges = p->no_new_privileges;
    child->huge_pages_disabled = p->huge_pages_disabled;
    child->start_ns = clock_monotonic_ns();
    child->exit_signal = (int)q->exit_signal;
    memcpy(child->rlimits, p->rlimits, sizeof(child->rlimits));
    if (q->flags & CLONE_SIGHAND) {
        signal_actions_put(child->actions);
        child->actions = signal_actions_get(p->actions);
        return;
    }
    signal_actions_copy(child->actions, p->actions);
    if (q->flags & CLONE_CLEAR_SIGHAND)
        signal_actions_reset(child->actions);
}

// ret_alone: nobody else ran in the parent's space while it was copied, nor does yet (turn_alone_begin).
static int copy_memory(struct process *child, struct process *p, uint64_t flags, bool *ret_alone)
{
    if (!(flags & CLONE_VM)) {
        *ret_alone = mm_forks_whole(p->mm) && turn_alone_begin(p->mm);
        return mm_fork(p->mm, &child->mm);
    }
    child->mm = mm_get(p->mm);
    child->vforker = flags & CLONE_VFORK ? p : NULL;
    return 0;
}

static struct thread *first_thread(struct process *child, struct thread *parent, const struct clone_request *q)
{
    struct thread *t = thread_new(child, /* tb= */ NULL);
    uint8_t *area = t ? xstate_buffer(t) : NULL;
    if (!area) {
        if (t)
            thread_free(t);
        return NULL;
    }
    thread_inherit(t, parent, q);
    t->tid = child->pid;
    xstate_save(area);
    t->start_xstate = true;
    if (!(q->flags & CLONE_VM) || (q->flags & CLONE_VFORK)) {
        t->altstack_sp = parent->altstack_sp;
        t->altstack_size = parent->altstack_size;
        t->altstack_flags = parent->altstack_flags;
    }
    return t;
}

// A descriptor of the child, which the child does not get. -1: none was asked for.
static int open_pidfd(const struct process *child, const struct clone_request *q)
{
    struct file *f;
    if (!(q->flags & CLONE_PIDFD))
        return -1;
    int r = pidfd_new(child->pid, 0, &f);
    int fd = r ? r : fd_install(f, FD_CLOEXEC, 0);
    if (fd < 0 || !PUT_USER(fd, (int USER *)q->pidfd))
        return fd;
    (void)fd_close(fd);
    return -EFAULT;
}

// Into the parent's memory before that is copied: afterwards what is in place may be the child's.
static int fill(struct process *child, struct process *p, const struct clone_request *q, bool *ret_alone, int *ret_pidfd)
{
    copy_attributes(child, p, q);
    int r = copy_files(child, q->flags);
    if (!r)
        r = copy_names(child, p);
    if (!r && (*ret_pidfd = open_pidfd(child, q)) < -1)
        r = *ret_pidfd;
    return r ? r : copy_memory(child, p, q->flags, ret_alone);
}

// t is gone when it did not start.
static int launch(struct thread *t, struct mm *mm, struct mm *child, bool alone)
{
    t->start_active = alone;
    if (alone)
        turn_hand_over(mm, child);
    int r = thread_launch(t);
    if (r && alone)
        turn_take_back(mm, child);
    else if (alone)
        turn_get_back(mm);
    return r;
}

// A space goes while nobody runs in its window: neither may the caller.
static void drop(struct process *child, struct mm *mm)
{
    struct mm *copy = child->mm;
    child->mm = NULL;
    process_free(child);
    if (!copy || copy == mm) {
        mm_put(copy);
        return;
    }
    turn_leave(mm);
    mm_put(copy);
    turn_enter(mm);
}

long process_clone(const struct clone_request *q)
{
    struct thread *self = current_thread();
    struct process *p = self->process;
    int r = check(q);
    if (r)
        return r;
    struct process *child = process_new(q->flags & CLONE_PARENT ? p->parent : p);
    if (!child)
        return -ENOMEM;
    int32_t pid = child->pid;
    if (q->flags & CLONE_PARENT_SETTID)
        (void)PUT_USER(pid, (int32_t USER *)q->parent_tid); // as Linux: a bad pointer is the program's loss
    bool alone = false;
    int pidfd = -1;
    r = fill(child, p, q, &alone, &pidfd);
    if (!r)
        r = process_timers_follow_limit(child);
    struct thread *t = r ? NULL : first_thread(child, self, q);
    if (!t && alone)
        turn_alone_end(p->mm);
    if (!r)
        r = t ? launch(t, p->mm, child->mm, alone) : -ENOMEM;
    if (r) {
        if (pidfd >= 0)
            (void)fd_close(pidfd);
        drop(child, p->mm);
        return r;
    }
    if (q->flags & CLONE_VFORK)
        vfork_wait(pid);
    return pid;
}
