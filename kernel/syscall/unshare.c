// SPDX-License-Identifier: MIT
//
// unshare(2). Threads of a process have one table of files and one current directory here, always; processes made by clone(CLONE_FILES)
// or clone(CLONE_FS) may part. Namespaces there are none: the answer is that of a Linux that does not allow them.
#include <linux/errno.h>
#include <linux/sched.h>

#include "kernel/ipc/ipc.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/unshare.h"
#include "kernel/task/task.h"
#include "kernel/vfs/file.h"

enum {
    NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP,
    PARTS = CLONE_FS | CLONE_FILES | CLONE_SYSVSEM,
    ONLY_ALONE = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, // nothing to do for a process with one thread
};

int part_files(struct process *p)
{
    struct fd_table *own, *old = p->files;
    int r = fd_table_copy(old, &own);
    if (r)
        return r;
    mutex_lock(&p->lock); // /proc looks at them under it
    p->files = own;
    mutex_unlock(&p->lock);
    fd_table_put(old);
    return 0;
}

static int part_fs(struct process *p)
{
    struct fs_state *own, *old = p->fs;
    int r = fs_state_copy(old, &own);
    if (r)
        return r;
    mutex_lock(&p->lock);
    p->fs = own;
    mutex_unlock(&p->lock);
    fs_state_put(old);
    return 0;
}

long sys_unshare(int flags)
{
    struct process *p = current_process();
    if (flags & ~(int)(NAMESPACES | PARTS | ONLY_ALONE))
        return -EINVAL;
    if (flags & (int)NAMESPACES)
        return -EPERM;
    if (flags && p->thread_count > 1)
        return -EINVAL;
    int r = flags & CLONE_FILES ? part_files(p) : 0;
    if (!r && flags & CLONE_FS)
        r = part_fs(p);
    if (!r && flags & CLONE_SYSVSEM)
        sem_process_end(p); // what was to be undone at the end of those who shared it
    return r;
}
