// SPDX-License-Identifier: MIT
//
// unshare(2). Namespaces there are none: the answer is that of a Linux that does not allow them.
#include <linux/errno.h>
#include <linux/sched.h>

#include "kernel/ipc/ipc.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/sharing.h"
#include "kernel/task/task.h"

enum {
    NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP,
    PARTS = CLONE_FS | CLONE_FILES | CLONE_SYSVSEM,
    ONLY_ALONE = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, // nothing to do for a process with one thread
};

long sys_unshare(int flags)
{
    struct process *p = current_process();
    if (flags & ~(int)(NAMESPACES | PARTS | ONLY_ALONE))
        return -EINVAL;
    if (flags & (int)NAMESPACES)
        return -EPERM;
    if (flags & (int)ONLY_ALONE && p->thread_count > 1)
        return -EINVAL;
    int r = flags & CLONE_FILES ? thread_part_files() : 0;
    if (!r && flags & CLONE_FS)
        r = thread_part_fs();
    if (!r && flags & CLONE_SYSVSEM)
        sem_process_end(p); // what was to be undone at the end of those who shared it
    return r;
}
