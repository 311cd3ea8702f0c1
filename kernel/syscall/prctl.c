// SPDX-License-Identifier: MIT
//
// prctl(2) and arch_prctl(2): switches of a thread or process.
#include <asm/prctl.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/securebits.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/task/wait.h"

#define SIGNALS 64u

static long set_name(uint64_t address)
{
    struct thread *t = current_thread();
    char name[sizeof(t->name)] = {0};
    long n = strncpy_from_user(name, (const char USER *)address, sizeof(name));
    if (n < 0 && n != -ENAMETOOLONG)
        return n;
    name[sizeof(name) - 1] = '\0'; // longer names are cut, as on Linux
    memcpy(t->name, name, sizeof(name));
    if (t->tid == t->process->pid)
        memcpy(t->process->name, name, sizeof(name)); // a process is called what its first thread is
    return 0;
}

// Switches about parents and children.
static long family_option(struct process *p, int option, uint64_t arg)
{
    switch (option) {
    case PR_SET_PDEATHSIG:
        if (arg > SIGNALS)
            return -EINVAL;
        process_set_parent_death_signal(p, (int)arg);
        return 0;
    case PR_GET_PDEATHSIG:
        return PUT_USER(p->parent_death_signal, (int USER *)arg);
    case PR_SET_CHILD_SUBREAPER:
        process_set_subreaper(p, arg);
        return 0;
    case PR_GET_CHILD_SUBREAPER: {
        int subreaper = p->subreaper;
        return PUT_USER(subreaper, (int USER *)arg);
    }
    default:
        return -EINVAL;
    }
}

// How the kernel is to send SIGBUS for broken memory: kept and told.
static long machine_checks(unsigned long operation, unsigned long policy)
{
    struct thread *t = current_thread();
    bool clear = operation == PR_MCE_KILL_CLEAR, set = operation == PR_MCE_KILL_SET;
    if (!(clear && !policy) && !(set && policy <= PR_MCE_KILL_DEFAULT))
        return -EINVAL;
    t->machine_check_set = set && policy != PR_MCE_KILL_DEFAULT;
    t->machine_check_early = policy == PR_MCE_KILL_EARLY;
    return 0;
}

// Each has a bit above it that locks it.
static long set_secure_bits(unsigned long bits)
{
    uint32_t *now = &current_thread()->cred.secure_bits, locks = *now & SECURE_ALL_LOCKS;
    bool changes_locked = (locks >> 1 & (*now ^ bits)) || locks & ~bits;
    if (!capable(CAP_SETPCAP) || changes_locked || bits & ~(unsigned long)(SECURE_ALL_BITS | SECURE_ALL_LOCKS))
        return -EPERM;
    *now = (uint32_t)bits;
    return 0;
}

static long keep_capabilities(unsigned long keep)
{
    uint32_t *bits = &current_thread()->cred.secure_bits;
    if (keep > 1)
        return -EINVAL;
    if (*bits & SECBIT_KEEP_CAPS_LOCKED)
        return -EPERM;
    *bits = keep ? *bits | SECBIT_KEEP_CAPS : *bits & ~(uint32_t)SECBIT_KEEP_CAPS;
    return 0;
}

// What Linux can do on some machines and this kernel never: as where it cannot be done or is off.
static long machine_option(int option, const unsigned long arg[4])
{
    const struct thread *t = current_thread();
    const int tsc = PR_TSC_ENABLE;
    switch (option) {
    case PR_GET_TIMING:
    case PR_GET_SECCOMP:
    case PR_TASK_PERF_EVENTS_DISABLE:
    case PR_TASK_PERF_EVENTS_ENABLE:
        return 0;
    case PR_SET_TIMING:
        return arg[0] == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
    case PR_GET_TSC:
        return PUT_USER(tsc, (int USER *)arg[0]);
    case PR_SET_TSC:
        return arg[0] == PR_TSC_ENABLE ? 0 : -EINVAL;
    case PR_MCE_KILL:
        return arg[2] || arg[3] ? -EINVAL : machine_checks(arg[0], arg[1]);
    case PR_MCE_KILL_GET:
        if (arg[0] || arg[1] || arg[2] || arg[3])
            return -EINVAL;
        return !t->machine_check_set ? PR_MCE_KILL_DEFAULT : t->machine_check_early ? PR_MCE_KILL_EARLY : PR_MCE_KILL_LATE;
    case PR_GET_SPECULATION_CTRL:
        if (arg[1] || arg[2] || arg[3])
            return -EINVAL;
        return arg[0] > PR_SPEC_L1D_FLUSH ? -ENODEV : PR_SPEC_NOT_AFFECTED;
    case PR_SET_SPECULATION_CTRL:
        return arg[2] || arg[3] ? -EINVAL : arg[0] > PR_SPEC_L1D_FLUSH ? -ENODEV : -ENXIO; // nothing to control
    case PR_SET_SYSCALL_USER_DISPATCH:
        return arg[0] != PR_SYS_DISPATCH_OFF || arg[1] || arg[2] || arg[3] ? -EINVAL : 0;
    default:
        return -EINVAL;
    }
}

long sys_prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    switch (option) {
    case PR_SET_NAME:
        return set_name(arg2);
    case PR_GET_NAME:
        return copy_to_user((void USER *)arg2, t->name, sizeof(t->name));
    case PR_GET_DUMPABLE:
        return p->dumpable;
    case PR_SET_DUMPABLE:
        if (arg2 > 1)
            return -EINVAL;
        p->dumpable = arg2;
        return 0;
    case PR_SET_NO_NEW_PRIVS:
        if (arg2 != 1 || arg3 || arg4 || arg5)
            return -EINVAL;
        p->no_new_privileges = true;
        return 0;
    case PR_GET_NO_NEW_PRIVS:
        return arg2 || arg3 || arg4 || arg5 ? -EINVAL : p->no_new_privileges;
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
        return capability_bound(arg2, option == PR_CAPBSET_DROP);
    case PR_CAP_AMBIENT:
        return arg4 || arg5 ? -EINVAL : capability_ambient(arg2, arg3);
    case PR_GET_SECUREBITS:
        return t->cred.secure_bits;
    case PR_SET_SECUREBITS:
        return set_secure_bits(arg2);
    case PR_GET_KEEPCAPS:
        return !!(t->cred.secure_bits & SECBIT_KEEP_CAPS);
    case PR_SET_KEEPCAPS:
        return keep_capabilities(arg2);
    case PR_SET_TIMERSLACK:
        t->timer_slack_ns = (int64_t)arg2 > 0 ? arg2 : 0;
        return 0;
    case PR_GET_TIMERSLACK:
        return (long)(t->timer_slack_ns ? t->timer_slack_ns : TIMER_SLACK_NS);
    case PR_SET_THP_DISABLE: // there are no huge pages: kept, without effect
        if (arg3 || arg4 || arg5)
            return -EINVAL;
        p->huge_pages_disabled = arg2;
        return 0;
    case PR_GET_THP_DISABLE:
        return arg2 || arg3 || arg4 || arg5 ? -EINVAL : p->huge_pages_disabled;
    case PR_GET_TID_ADDRESS:
        return PUT_USER(t->clear_child_tid, (uint64_t USER *)arg2);
    case PR_SET_PDEATHSIG:
    case PR_GET_PDEATHSIG:
    case PR_SET_CHILD_SUBREAPER:
    case PR_GET_CHILD_SUBREAPER:
        return family_option(p, option, arg2);
    default:
        return machine_option(option, (const unsigned long[4]){arg2, arg3, arg4, arg5});
    }
}

// GS is the kernel's. FS may point anywhere in the program's range.
long sys_arch_prctl(int code, uint64_t address)
{
    switch (code) {
    case ARCH_SET_FS:
        if (address >= USER_END)
            return -EPERM;
        target_set_fs_base(address);
        return 0;
    case ARCH_GET_FS: {
        uint64_t base = current_thread()->block->fs_base;
        return PUT_USER(base, (uint64_t USER *)address);
    }
    default:
        return -EINVAL;
    }
}
