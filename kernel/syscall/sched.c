// SPDX-License-Identifier: MIT
//
// Scheduling. The host schedules; what programs may ask is answered so that they size their thread pools well.
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/membarrier.h>
#include <linux/sched.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

#define CPUS_MAX 1024u

// pid 0 is the caller; else a thread of this process.
static long thread_exists(int pid)
{
    struct process *p = current_process();
    if (pid < 0)
        return -EINVAL;
    if (!pid)
        return 0;
    mutex_lock(&p->lock);
    bool found = thread_find_locked(p, pid);
    mutex_unlock(&p->lock);
    return found ? 0 : -ESRCH;
}

static unsigned cpu_count(void)
{
    uint64_t n = boot_get()->cpu_count;
    return n < 1 ? 1 : n > CPUS_MAX ? CPUS_MAX : (unsigned)n;
}

long sys_sched_yield(void)
{
    (void)host_syscall(__NR_sched_yield, 0, 0, 0, 0, 0, 0); // advice only
    return 0;
}

// All processors of the host process, numbered from 0.
long sys_sched_getaffinity(int pid, size_t size, void USER *mask)
{
    uint8_t bits[CPUS_MAX / 8] = {0};
    unsigned n = cpu_count();
    size_t needed = (n + 63) / 64 * 8;
    long r = thread_exists(pid);
    if (r)
        return r;
    if (size < needed || size % 8)
        return -EINVAL;
    for (unsigned i = 0; i < n; i++)
        bits[i / 8] |= (uint8_t)(1u << i % 8);
    return copy_to_user(mask, bits, needed) ? -EFAULT : (long)needed;
}

// Accepted when it names a processor that exists; the host keeps the choice.
long sys_sched_setaffinity(int pid, size_t size, const void USER *mask)
{
    uint8_t bits[CPUS_MAX / 8] = {0};
    long r = thread_exists(pid);
    if (r)
        return r;
    if (copy_from_user(bits, mask, size < sizeof(bits) ? size : sizeof(bits)))
        return -EFAULT;
    for (unsigned i = 0; i < cpu_count(); i++)
        if (bits[i / 8] >> i % 8 & 1)
            return 0;
    return -EINVAL;
}

// Processor numbers of the host mean nothing inside.
long sys_getcpu(void USER *cpu, void USER *node, const void USER *unused)
{
    const uint32_t zero = 0;
    if ((cpu && PUT_USER(zero, cpu)) || (node && PUT_USER(zero, node)))
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

long sys_sched_rr_get_interval(int pid, void USER *interval)
{
    long r = thread_exists(pid);
    return r ? r : timespec_to_user(interval, 4000000);
}

// Nothing can be registered: programs fall back to barriers of their own.
long sys_membarrier(int command, int flags, int cpu)
{
    return command == MEMBARRIER_CMD_QUERY && !flags ? 0 : -EINVAL;
}
