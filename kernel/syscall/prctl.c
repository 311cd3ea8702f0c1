// SPDX-License-Identifier: MIT
//
// prctl(2) and arch_prctl(2): switches of a thread or process.
#include <asm/prctl.h>
#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/securebits.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/task.h"

static long set_name(uint64_t address)
{
    struct thread *t = current_thread();
    char name[sizeof(t->name)] = {0};
    long n = strncpy_from_user(name, (const char USER *)address, sizeof(name));
    if (n < 0 && n != -ENAMETOOLONG)
        return n;
    name[sizeof(name) - 1] = '\0'; // longer names are cut, as on Linux
    memcpy(t->name, name, sizeof(name));
    return 0;
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
        return p->no_new_privileges;
    case PR_CAPBSET_READ:
        return arg2 <= 40 ? 1 : -EINVAL;
    case PR_GET_SECUREBITS:
        return SECUREBITS_DEFAULT;
    case PR_SET_PDEATHSIG: // the parent is outside: nothing dies that could be told
    case PR_SET_TIMERSLACK:
    case PR_SET_THP_DISABLE:
        return 0;
    case PR_GET_TIMERSLACK:
        return 50000;
    default:
        return -EINVAL;
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
