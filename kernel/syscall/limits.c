// SPDX-License-Identifier: MIT
//
// Resource limits and usage.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/time.h>
#include <linux/times.h>

#include "kernel/mm/mm.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/usage.h"
#include "kernel/task/capability.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/wait.h"
#include "kernel/time/process_timers.h"
#include "kernel/time/time.h"

#define TICKS_PER_S 100u // USER_HZ
#define NS_PER_TICK (NS_PER_S / TICKS_PER_S)

struct limit {
    uint64_t soft, hard;
};
_Static_assert(sizeof(struct limit) == sizeof(struct rlimit64), "the layout of rlimit64 and, on x86-64, rlimit");

static long limit_get(const struct process *p, unsigned resource, struct limit *ret)
{
    if (resource >= RLIMITS)
        return -EINVAL;
    *ret = (struct limit){process_limit(p, resource, false), process_limit(p, resource, true)};
    return 0;
}

static bool may_limit(const struct process *p)
{
    const struct credentials *own = &current_thread()->cred, *c = &p->cred;
    bool user = own->uid == c->uid && own->uid == c->euid && own->uid == c->suid;
    bool group = own->gid == c->gid && own->gid == c->egid && own->gid == c->sgid;
    return p == current_process() || (user && group) || capable(CAP_SYS_RESOURCE);
}

static long limit_set(struct process *p, unsigned resource, const struct limit *l)
{
    if (resource >= RLIMITS || l->soft > l->hard)
        return -EINVAL;
    if (resource == RLIMIT_NOFILE && l->hard > MOST_FILES)
        return -EPERM;
    if (l->hard > p->rlimits[resource][1] && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    p->rlimits[resource][0] = l->soft;
    p->rlimits[resource][1] = l->hard;
    return 0;
}

long sys_prlimit64(int pid, unsigned resource, const void USER *new_limit, void USER *old_limit)
{
    struct limit given, old;
    if (new_limit && GET_USER(given, new_limit))
        return -EFAULT;
    struct process *p = process_find_lock(pid ? pid : current_process()->pid);
    if (!p)
        return -ESRCH;
    long r = may_limit(p) ? limit_get(p, resource, &old) : -EPERM;
    if (!r && new_limit)
        r = limit_set(p, resource, &given);
    const bool follow = !r && new_limit && resource == RLIMIT_CPU && p == current_process();
    mutex_unlock(&p->lock);
    if (follow)
        r = process_timers_follow_limit(p);
    if (!r && old_limit)
        r = PUT_USER(old, old_limit);
    return r;
}

long sys_getrlimit(unsigned resource, void USER *limit)
{
    return limit ? sys_prlimit64(0, resource, 0, limit) : -EFAULT;
}

long sys_setrlimit(unsigned resource, const void USER *limit)
{
    return limit ? sys_prlimit64(0, resource, limit, 0) : -EFAULT;
}

static uint64_t cpu_time_ns(int clock)
{
    uint64_t ns = 0;
    (void)clock_get_ns(clock, &ns); // a host without such a clock: no time was used
    return ns;
}

static struct usage own_usage(void)
{
    struct process *p = current_process();
    mutex_lock(&p->lock);
    struct usage sum = p->ended_usage;
    for (const struct thread *t = p->threads; t; t = t->next)
        usage_add(&sum, &t->usage);
    mutex_unlock(&p->lock);
    return sum;
}

long sys_getrusage(int who, void USER *usage)
{
    struct rusage u = {0};
    struct usage counts;
    uint64_t ns = 0;
    switch (who) {
    case RUSAGE_SELF:
        ns = cpu_time_ns(CLOCK_PROCESS_CPUTIME_ID);
        counts = own_usage();
        break;
    case RUSAGE_THREAD:
        ns = cpu_time_ns(CLOCK_THREAD_CPUTIME_ID);
        counts = current_thread()->usage;
        break;
    case RUSAGE_CHILDREN:
        ns = children_cpu_ns(current_process());
        counts = children_usage(current_process());
        break;
    default:
        return -EINVAL;
    }
    if (who != RUSAGE_CHILDREN && counts.most_bytes < mm_committed())
        counts.most_bytes = mm_committed();
    usage_put_time(&u, ns);
    usage_put_counts(&u, &counts);
    return copy_to_user(usage, &u, sizeof(u));
}

long sys_times(void USER *buf)
{
    const struct tms t = {
        .tms_utime = (long)(cpu_time_ns(CLOCK_PROCESS_CPUTIME_ID) / NS_PER_TICK),
        .tms_cutime = (long)(children_cpu_ns(current_process()) / NS_PER_TICK),
    };
    if (buf && copy_to_user(buf, &t, sizeof(t)))
        return -EFAULT;
    return (long)(clock_monotonic_ns() / NS_PER_TICK);
}
