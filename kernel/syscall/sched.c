// SPDX-License-Identifier: MIT
//
// Scheduling. The host schedules; what programs may ask is answered so that they size their thread pools well.
#include <stddef.h>

#include <asm/unistd.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/sched.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/task/capability.h"
#include "kernel/task/membarrier.h"
#include "kernel/task/process.h"
#include "kernel/task/scheduling.h"
#include "kernel/task/task.h"

enum { ROUND_NS = 100000000, ORDINARY_NS = 4000000 }; // what the host grants is its own

long sys_sched_yield(void)
{
    (void)host_syscall(__NR_sched_yield, 0, 0, 0, 0, 0, 0); // advice only
    return 0;
}

static void read_affinity(struct thread *t, void *context)
{
    scheduling_processors(t, context);
}

struct wanted {
    const uint8_t *bits;
    bool allowed;
};

static void write_affinity(struct thread *t, void *context)
{
    struct wanted *w = context;
    const uint32_t euid = current_thread()->cred.euid;
    w->allowed = euid == t->cred.euid || euid == t->cred.uid || capable(CAP_SYS_NICE);
    if (!w->allowed)
        return;
    memcpy(t->scheduling.affinity, w->bits, CPUS_MAX / 8);
    t->scheduling.has_affinity = true;
}

// Processors of the host process, numbered from 0: those that were set, or all.
long sys_sched_getaffinity(int pid, size_t size, void USER *mask)
{
    uint8_t bits[CPUS_MAX / 8];
    size_t needed = (scheduling_cpu_count() + 63) / 64 * 8;
    if (size < needed || size % 8)
        return -EINVAL;
    long r = thread_visit(pid, read_affinity, bits);
    return r ? r : copy_to_user(mask, bits, needed) ? -EFAULT : (long)needed;
}

// What is set is told again, so that thread pools get the size that was wanted; the host keeps the choice.
long sys_sched_setaffinity(int pid, size_t size, const void USER *mask)
{
    uint8_t bits[CPUS_MAX / 8] = {0}, all[CPUS_MAX / 8], any = 0;
    long r = copy_from_user(bits, mask, size < sizeof(bits) ? size : sizeof(bits));
    if (r)
        return r;
    r = thread_visit(pid, NULL, NULL);
    if (r)
        return r;
    scheduling_all(all);
    for (unsigned i = 0; i < sizeof(bits); i++)
        any |= bits[i] &= all[i];
    struct wanted w = {bits, true};
    r = any ? thread_visit(pid, write_affinity, &w) : -EINVAL;
    return r ? r : w.allowed ? 0 : -EPERM;
}

// Processor numbers of the host mean nothing inside: a thread is on the first one that it wanted to be on.
long sys_getcpu(void USER *cpu, void USER *node, const void USER *unused)
{
    const struct scheduling *s = &current_thread()->scheduling;
    const uint32_t zero = 0;
    uint32_t first = 0;
    while (s->has_affinity && first + 1 < CPUS_MAX && !(s->affinity[first / 8] & 1u << first % 8))
        first++;
    if ((cpu && PUT_USER(first, cpu)) || (node && PUT_USER(zero, node)))
        return -EFAULT;
    return 0;
}

static bool is_real_time(int policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_policy(int policy)
{
    return is_real_time(policy) || policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE ||
           policy == SCHED_DEADLINE;
}

long sys_sched_get_priority_max(int policy)
{
    return is_real_time(policy) ? 99 : is_policy(policy) ? 0 : -EINVAL;
}

long sys_sched_get_priority_min(int policy)
{
    return is_real_time(policy) ? 1 : is_policy(policy) ? 0 : -EINVAL;
}

static void read_policy(struct thread *t, void *context)
{
    *(int *)context = t->scheduling.policy;
}

long sys_sched_rr_get_interval(int pid, void USER *interval)
{
    int policy = SCHED_NORMAL;
    long r = pid < 0 ? -EINVAL : thread_visit(pid, read_policy, &policy);
    return r ? r : timespec_to_user(interval, policy == SCHED_FIFO ? 0 : policy == SCHED_RR ? ROUND_NS : ORDINARY_NS);
}

long sys_membarrier(int command, int flags, int cpu)
{
    return flags ? -EINVAL : membarrier(command);
}
