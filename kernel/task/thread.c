// SPDX-License-Identifier: MIT
//
// Threads and the thread areas they run in. An area is free again when its target says so (THREAD_BLOCK_DEAD); until then the
// struct thread of its last thread stays, since a thread cannot free what it still stands on.
#include "kernel/task/thread.h"

#include <stddef.h>

#include <linux/errno.h>
#include <linux/sched.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/entry/cpuid.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/mm/window.h"
#include "kernel/signal/signal.h"
#include "kernel/task/credentials.h"
#include "kernel/task/exit.h"
#include "kernel/task/process.h"
#include "kernel/task/sharing.h"
#include "kernel/task/xstate.h"
#include "kernel/tee/tee.h"
#include "kernel/time/processor_time.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/fs_state.h"

#define DEFAULT_MAX_THREADS 1024u

static struct mutex area_lock;
/* guarded by area_lock: */
static struct thread *area_thread[THREAD_AREA_COUNT]; // last thread of each area but the first
static unsigned areas_used = 1;                       // areas below have been used at least once

unsigned thread_limit(void)
{
    unsigned max = config_get()->max_threads;
    if (!max)
        max = DEFAULT_MAX_THREADS;
    return max < THREAD_AREA_COUNT ? max : THREAD_AREA_COUNT;
}

struct thread *thread_new(struct process *p, struct thread_block *tb)
{
    struct thread *t = kzalloc(sizeof(*t));
    if (!t)
        return NULL;
    t->process = p;
    t->block = tb;
    t->membarriers_passed = __atomic_load_n(&membarriers_wanted, __ATOMIC_ACQUIRE);
    return t;
}

void thread_free(struct thread *t)
{
    signal_queue_clear(&t->pending);
    credentials_end(&t->cred);
    kfree(t->signal_spare);
    kfree(t->taken);
    callback_thread_free(t);
    fd_table_put(t->files);
    fs_state_put(t->fs);
    kfree(t->xstate);
    kfree(t);
}

void thread_publish(struct thread *t)
{
    struct process *p = t->process;
    mutex_lock(&p->lock);
    struct thread **link = &p->threads;
    while (*link)
        link = &(*link)->next;
    *link = t;
    p->thread_count++;
    mutex_unlock(&p->lock);
}

struct thread *thread_find_locked(struct process *p, int32_t tid)
{
    struct thread *t = p->threads;
    while (t && t->tid != tid)
        t = t->next;
    return t;
}

// SCHED_RESET_ON_FORK: what is above the ordinary is not passed on.
static struct scheduling scheduling_inherited(const struct scheduling *s)
{
    struct scheduling r = *s;
    if (s->reset_on_fork) {
        bool ordinary = s->policy != SCHED_FIFO && s->policy != SCHED_RR && s->policy != SCHED_DEADLINE;
        r.policy = ordinary ? s->policy : SCHED_NORMAL;
        r.runtime_ns = r.deadline_ns = r.period_ns = 0;
        r.nice = s->nice < 0 ? 0 : s->nice;
        r.priority = 0;
        r.reset_on_fork = false;
    }
    return r;
}

static bool area_is_free(unsigned index)
{
    struct thread *t = area_thread[index];
    return !t || __atomic_load_n(&t->block->state, __ATOMIC_ACQUIRE) == THREAD_BLOCK_DEAD;
}

// A free area with its block prepared and the thread in it; area_lock is held.
static int area_take(struct thread *t)
{
    unsigned index = 1;
    while (index < areas_used && !area_is_free(index))
        index++;
    if (index >= thread_limit())
        return -EAGAIN;
    struct thread_block *tb;
    if (target_thread_prepare(index, &tb))
        return -EAGAIN;
    if (area_thread[index])
        thread_free(area_thread[index]);
    area_thread[index] = t;
    if (index == areas_used)
        areas_used++;
    tb->current = t;
    t->block = tb;
    return 0;
}

// A start that failed: the block was prepared and never entered.
static void area_give_back(struct thread *t)
{
    mutex_lock(&area_lock);
    t->block->state = THREAD_BLOCK_DEAD;
    mutex_unlock(&area_lock);
}

void thread_inherit(struct thread *t, const struct thread *parent, const struct clone_request *request)
{
    credentials_copy(&t->cred, &parent->cred);
    t->signal_mask = parent->signal_mask;
    t->scheduling = scheduling_inherited(&parent->scheduling);
    t->timer_slack_ns = parent->timer_slack_ns;
    memcpy(t->name, parent->name, sizeof(t->name));
    t->start_regs = *parent->regs;
    t->start_regs.rax = 0;
    t->start_regs.orig_rax = (uint64_t)-1;
    if (request->stack)
        t->start_regs.rsp = request->stack;
    t->start_fs_base = request->flags & CLONE_SETTLS ? request->tls : parent->block->fs_base;
    t->start_set_tid = request->flags & CLONE_CHILD_SETTID ? request->child_tid : 0;
    t->clear_child_tid = request->flags & CLONE_CHILD_CLEARTID ? request->child_tid : 0;
    xstate_control_get(&t->start_mxcsr, &t->start_x87_control);
}

static int check_flags(const struct clone_request *request)
{
    uint64_t flags = request->flags;
    if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
        return -EINVAL;
    if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
        return -EINVAL;
    if (flags & (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_PIDFD |
                 CLONE_CLEAR_SIGHAND))
        return -EINVAL;
    if ((flags & CLONE_SETTLS) && request->tls >= USER_END)
        return -EPERM;
    return 0;
}

long thread_clone(const struct clone_request *request)
{
    struct thread *parent = current_thread();
    int r = check_flags(request);
    if (r)
        return r;
    struct thread *t = thread_new(parent->process, /* tb= */ NULL);
    if (!t)
        return -EAGAIN;
    if (thread_share(t, request->flags)) {
        thread_free(t);
        return -ENOMEM;
    }
    thread_inherit(t, parent, request);
    t->tid = pid_new();
    int32_t tid = t->tid;
    if (request->flags & CLONE_PARENT_SETTID)
        (void)PUT_USER(tid, (int32_t USER *)request->parent_tid); // as Linux: a bad pointer is the program's loss
    r = thread_launch(t);
    return r ? r : tid; // t may be gone already
}

int thread_launch(struct thread *t)
{
    cpuid_watch_end(current_thread()); // a new host thread would have it, too
    mutex_lock(&area_lock);
    int r = area_take(t);
    mutex_unlock(&area_lock);
    if (r) {
        thread_free(t);
        return r;
    }
    thread_publish(t);
    if (t->process->exiting || t->process->execer || t->process->stop.signal) // too late for its kick to reach the new thread
        t->block->interrupt_pending = 1;
    if (!target_thread_start((unsigned)t->block->area_index))
        return 0;
    thread_unpublish(t);
    area_give_back(t);
    return -EAGAIN;
}

void kernel_thread_start(struct thread_block *tb)
{
    struct thread *t = tb->current;
    if (t->service)
        t->service(); // never returns
    processor_time_begin(t);
    if (t->process->mm && !t->start_active)
        turn_enter(t->process->mm);
    target_set_fs_base(t->start_fs_base);
    if (t->start_set_tid)
        (void)PUT_USER(t->tid, (int32_t USER *)t->start_set_tid); // as Linux: a bad address is the program's problem
    if (t->start_xstate)
        xstate_restore(xstate_buffer(t));
    else
        xstate_control_set(t->start_mxcsr, t->start_x87_control);
    struct regs regs = t->start_regs; // on the kernel stack: an interrupted return starts again from below
    enter_program(&regs);
}
