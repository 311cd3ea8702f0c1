// SPDX-License-Identifier: MIT
//
// Priorities and scheduling classes: kept and inherited as on Linux, and to no effect, since the host schedules.
#include <asm/resource.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/ioprio.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/process.h"
#include "kernel/task/processes.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

enum { NICE_LEAST = -20, NICE_MOST = 19, PRIORITY_MOST = 99 };
enum { RUNTIME_LEAST_NS = 1024, PERIOD_LEAST_NS = 100000 };
#define PERIOD_MOST_NS (4194304ul * 1000)

typedef long visit(struct thread *t, void *context);

// Threads that getpriority and the like name, one after the other. -ESRCH: none.
static bool is_meant(const struct process *p, const struct thread *t, int which, uint32_t who)
{
    const struct thread *mine = current_thread();
    switch (which) {
    case PRIO_PROCESS:
        return who ? (uint32_t)t->tid == who : t == mine;
    case PRIO_PGRP:
        return (uint32_t)p->pgid == (who ? who : (uint32_t)mine->process->pgid);
    default:
        return t->cred.uid == (who ? who : mine->cred.uid);
    }
}

static long each_meant(int which, int who, visit *each, void *context)
{
    long r = -ESRCH;
    processes_lock();
    for (struct process *p = processes_first(); p; p = p->next) {
        mutex_lock(&p->lock);
        for (struct thread *t = p->threads; t; t = t->next)
            if (is_meant(p, t, which, (uint32_t)who)) {
                long one = each(t, context);
                r = r == -ESRCH || one < 0 ? one : r;
            }
        mutex_unlock(&p->lock);
    }
    processes_unlock();
    return r;
}

static long least_nice(struct thread *t, void *context)
{
    int *least = context;
    *least = t->scheduling.nice < *least ? t->scheduling.nice : *least;
    return 0;
}

// Linux answers 20 - nice.
long sys_getpriority(int which, int who)
{
    int least = NICE_MOST;
    if (which < PRIO_PROCESS || which > PRIO_USER)
        return -EINVAL;
    long r = each_meant(which, who, least_nice, &least);
    return r ? r : 20 - least;
}

static bool may_lower_to(int nice)
{
    const struct process *p = current_process();
    return capable(CAP_SYS_NICE) || 20 - nice <= (long)p->rlimits[RLIMIT_NICE][0];
}

// Whose it is, or who may anybody's.
static bool may_schedule(const struct thread *t)
{
    uint32_t euid = current_thread()->cred.euid;
    return euid == t->cred.euid || euid == t->cred.uid || capable(CAP_SYS_NICE);
}

static long set_nice(struct thread *t, void *context)
{
    const int *nice = context;
    if (!may_schedule(t))
        return -EPERM;
    if (*nice < t->scheduling.nice && !may_lower_to(*nice))
        return -EACCES;
    t->scheduling.nice = *nice;
    return 0;
}

long sys_setpriority(int which, int who, int nice)
{
    if (which < PRIO_PROCESS || which > PRIO_USER)
        return -EINVAL;
    nice = nice < NICE_LEAST ? NICE_LEAST : nice > NICE_MOST ? NICE_MOST : nice;
    return each_meant(which, who, set_nice, &nice);
}

static bool is_real_time(int policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

// So long each period, and before the deadline in it.
static bool is_deadline(const struct scheduling *s)
{
    if (s->priority || s->runtime_ns < RUNTIME_LEAST_NS || s->deadline_ns < s->runtime_ns || s->period_ns < s->deadline_ns)
        return false;
    return s->period_ns >= PERIOD_LEAST_NS && s->period_ns <= PERIOD_MOST_NS;
}

static long check(const struct scheduling *s)
{
    if (s->policy == SCHED_DEADLINE)
        return !is_deadline(s) ? -EINVAL : !capable(CAP_SYS_NICE) ? -EPERM : 0;
    bool known = is_real_time(s->policy) || s->policy == SCHED_NORMAL || s->policy == SCHED_BATCH || s->policy == SCHED_IDLE;
    if (!known || s->priority < 0 || s->priority > PRIORITY_MOST || is_real_time(s->policy) != (s->priority > 0))
        return -EINVAL;
    return is_real_time(s->policy) && !capable(CAP_SYS_NICE) ? -EPERM : 0;
}

static long read_one(struct thread *t, void *context)
{
    *(struct scheduling *)context = t->scheduling;
    return 0;
}

static long write_one(struct thread *t, void *context)
{
    const struct scheduling *s = context;
    bool leaves_idle = t->scheduling.policy == SCHED_IDLE && s->policy != SCHED_IDLE;
    if (!may_schedule(t) || (leaves_idle && !may_lower_to(t->scheduling.nice)))
        return -EPERM;
    t->scheduling = *(const struct scheduling *)context;
    return 0;
}

static long get(int pid, struct scheduling *ret)
{
    if (pid == INIT_PID) { // the parent of the first process: an ordinary one
        *ret = (struct scheduling){0};
        return 0;
    }
    return pid < 0 ? -EINVAL : each_meant(PRIO_PROCESS, pid, read_one, ret);
}

static long put(int pid, struct scheduling *s)
{
    long r = check(s);
    return r ? r : pid == INIT_PID ? -EPERM : each_meant(PRIO_PROCESS, pid, write_one, s);
}

long sys_sched_getscheduler(int pid)
{
    struct scheduling s = {0};
    long r = get(pid, &s);
    return r ? r : s.policy | (s.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

long sys_sched_setscheduler(int pid, int policy, const void USER *param)
{
    struct scheduling s = {0};
    if (policy < 0 || pid < 0 || !param)
        return -EINVAL;
    if (GET_USER(s.priority, param))
        return -EFAULT;
    int priority = s.priority;
    long r = get(pid, &s);
    s.policy = policy & ~SCHED_RESET_ON_FORK;
    s.runtime_ns = s.deadline_ns = s.period_ns = 0; // there is no saying them here
    s.reset_on_fork = policy & SCHED_RESET_ON_FORK;
    s.priority = priority;
    return r ? r : put(pid, &s);
}

long sys_sched_setparam(int pid, const void USER *param)
{
    struct scheduling s = {0};
    int priority;
    if (pid < 0 || !param)
        return -EINVAL;
    if (GET_USER(priority, param))
        return -EFAULT;
    long r = get(pid, &s);
    s.priority = priority;
    s.runtime_ns = s.deadline_ns = s.period_ns = 0;
    return r ? r : put(pid, &s);
}

long sys_sched_getparam(int pid, void USER *param)
{
    struct scheduling s = {0};
    if (!param)
        return -EINVAL;
    long r = get(pid, &s);
    return r ? r : PUT_USER(s.priority, param);
}

long sys_sched_getattr(int pid, void USER *attr, unsigned size, unsigned flags)
{
    struct scheduling s = {0};
    if (!attr || flags || size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
        return -EINVAL;
    long r = get(pid, &s);
    struct sched_attr a = {.size = size < sizeof(a) ? size : sizeof(a),
                           .sched_policy = (uint32_t)s.policy,
                           .sched_flags = s.reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
                           .sched_nice = is_real_time(s.policy) || s.policy == SCHED_DEADLINE ? 0 : s.nice,
                           .sched_runtime = s.runtime_ns,
                           .sched_deadline = s.deadline_ns,
                           .sched_period = s.period_ns,
                           .sched_priority = (uint32_t)s.priority,
                           .sched_util_max = 1024};
    return r ? r : copy_to_user(attr, &a, a.size);
}

// What is not to be kept.
static long take_attributes(struct scheduling *s, const struct sched_attr *a)
{
    int nice = a->sched_nice < NICE_LEAST ? NICE_LEAST : a->sched_nice > NICE_MOST ? NICE_MOST : a->sched_nice;
    if (!(a->sched_flags & SCHED_FLAG_KEEP_POLICY))
        s->reset_on_fork = a->sched_flags & SCHED_FLAG_RESET_ON_FORK;
    if (a->sched_flags & SCHED_FLAG_KEEP_PARAMS) // and with them the policy that they are of
        return 0;
    if (!(a->sched_flags & SCHED_FLAG_KEEP_POLICY))
        s->policy = (int)a->sched_policy;
    bool deadline = s->policy == SCHED_DEADLINE, ordinary = !deadline && !is_real_time(s->policy);
    if (ordinary && nice < s->nice && !may_lower_to(nice))
        return -EPERM;
    s->nice = ordinary ? nice : s->nice;
    s->priority = (int)a->sched_priority;
    s->runtime_ns = deadline ? a->sched_runtime : 0;
    s->deadline_ns = deadline ? a->sched_deadline : 0;
    s->period_ns = !deadline ? 0 : a->sched_period ? a->sched_period : a->sched_deadline;
    return 0;
}

long sys_sched_setattr(int pid, const void USER *attr, unsigned flags)
{
    struct scheduling s = {0};
    struct sched_attr a = {0};
    uint32_t size;
    if (!attr || flags || pid < 0)
        return -EINVAL;
    if (GET_USER(size, attr))
        return -EFAULT;
    if (size && (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)) {
        size = sizeof(a);
        return PUT_USER(size, (uint32_t USER *)(uint64_t)attr) ? -EFAULT : -E2BIG;
    }
    size = !size ? SCHED_ATTR_SIZE_VER0 : size < sizeof(a) ? size : sizeof(a);
    if (copy_from_user(&a, attr, size))
        return -EFAULT;
    if (a.sched_flags & ~(uint64_t)SCHED_FLAG_ALL || a.sched_policy > INT32_MAX || a.sched_priority > INT32_MAX)
        return -EINVAL;
    if (a.sched_flags & SCHED_FLAG_UTIL_CLAMP) // not with every Linux
        return -EOPNOTSUPP;
    long r = get(pid, &s);
    if (!r)
        r = take_attributes(&s, &a);
    return r ? r : put(pid, &s);
}

static int to_prio(int which)
{
    return which == IOPRIO_WHO_PROCESS ? PRIO_PROCESS : which == IOPRIO_WHO_PGRP ? PRIO_PGRP : PRIO_USER;
}

static long best_io(struct thread *t, void *context)
{
    int *best = context;
    *best = !*best || t->scheduling.io_priority < *best ? t->scheduling.io_priority : *best;
    return 0;
}

long sys_ioprio_get(int which, int who)
{
    int best = 0;
    if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
        return -EINVAL;
    long r = each_meant(to_prio(which), who, best_io, &best);
    return r ? r : best;
}

static long set_io(struct thread *t, void *context)
{
    const struct credentials *c = &current_thread()->cred;
    if (t->cred.uid != c->euid && t->cred.uid != c->uid && !capable(CAP_SYS_NICE))
        return -EPERM;
    t->scheduling.io_priority = *(const int *)context;
    return 0;
}

long sys_ioprio_set(int which, int who, int priority)
{
    int class = priority >> IOPRIO_CLASS_SHIFT, level = priority & 7; // the bits between are hints
    if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER || class < IOPRIO_CLASS_NONE || class > IOPRIO_CLASS_IDLE)
        return -EINVAL;
    if (class == IOPRIO_CLASS_NONE && level)
        return -EINVAL;
    if (class == IOPRIO_CLASS_RT && !capable(CAP_SYS_NICE))
        return -EPERM;
    return each_meant(to_prio(which), who, set_io, &priority);
}
