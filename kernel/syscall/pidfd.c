// SPDX-License-Identifier: MIT
//
// What one process may do to another through a pidfd.
#include <stdbool.h>

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/signal.h>
#include <linux/uio.h>

#include "kernel/fs/event/pidfd.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/advice.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/inspect.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/open_file.h"

enum { VECTOR_MOST = 1024 };

// The process of a pidfd, its lock held. -EBADF; -ESRCH: it has ended.
static int process_of_pidfd(int pidfd, struct process **ret)
{
    struct file *f = fd_get(pidfd);
    int pid = f ? pidfd_pid(f) : -EBADF;
    file_put(f);
    if (pid < 0)
        return pid;
    *ret = process_find_lock(pid);
    if (*ret && (*ret)->threads)
        return 0;
    if (*ret)
        mutex_unlock(&(*ret)->lock);
    return -ESRCH;
}

long sys_pidfd_getfd(int pidfd, int fd, unsigned flags)
{
    struct process *p;
    if (flags)
        return -EINVAL;
    int r = process_of_pidfd(pidfd, &p);
    if (r)
        return r;
    r = process_permits_inspection(p, /* as_for_files= */ false) ? 0 : -EPERM;
    struct file *f = !r && p->files ? fd_get_in(p->files, fd) : NULL;
    mutex_unlock(&p->lock);
    return r ? r : f ? fd_install(f, FD_CLOEXEC, 0) : -EBADF;
}

// Hints only: what would take content away is for the process itself.
static bool is_hint(int advice)
{
    return advice == MADV_COLD || advice == MADV_PAGEOUT || advice == MADV_WILLNEED || advice == MADV_COLLAPSE;
}

static long advise_all(struct mm *mm, const struct iovec *v, size_t count, int advice)
{
    long done = 0;
    for (size_t i = 0; i < count; i++) {
        int r = advice == MADV_COLLAPSE ? -EINVAL : mm_advise(mm, (uint64_t)v[i].iov_base, v[i].iov_len, advice); // no huge pages
        if (r)
            return done ? done : r;
        done += (long)v[i].iov_len;
    }
    return done;
}

static long advise(int pidfd, const struct iovec *v, size_t count, int advice)
{
    struct process *p;
    int r = process_of_pidfd(pidfd, &p);
    if (r)
        return r;
    bool own = p->mm == mm_current();
    bool may = process_permits_inspection(p, /* as_for_files= */ false);
    long done = !own && !is_hint(advice) ? -EINVAL : !may ? -EACCES : p->mm ? 0 : -ESRCH;
    if (!done && !own && !capable(CAP_SYS_NICE))
        done = -EPERM;
    if (!done && !own) // its memory stays while it is locked
        done = advise_all(p->mm, v, count, advice);
    mutex_unlock(&p->lock);
    return done || !own ? done : advise_all(mm_current(), v, count, advice);
}

long sys_process_madvise(int pidfd, const void USER *vector, size_t count, int advice, unsigned flags)
{
    if (flags || count > VECTOR_MOST)
        return -EINVAL;
    struct iovec *v = kmalloc(count * sizeof(*v) + 1);
    long r = v ? copy_from_user(v, vector, count * sizeof(*v)) : -ENOMEM;
    for (size_t i = 0; !r && i < count; i++)
        r = (long)v[i].iov_len < 0 ? -EINVAL : 0;
    if (!r)
        r = advise(pidfd, v, count, advice);
    kfree(v);
    return r;
}

static bool is_killed(struct process *p)
{
    spin_lock(&p->signal_lock);
    uint64_t pending = p->shared_pending.set;
    for (const struct thread *t = p->threads; t; t = t->next)
        pending |= t->pending.set;
    spin_unlock(&p->signal_lock);
    return p->exiting || (pending & SIGNAL_BIT(SIGKILL));
}

// Memory of who dies goes with its last thread, soon.
long sys_process_mrelease(int pidfd, unsigned flags)
{
    struct process *p;
    if (flags)
        return -EINVAL;
    int r = process_of_pidfd(pidfd, &p);
    if (r)
        return r;
    r = is_killed(p) ? 0 : -EINVAL;
    mutex_unlock(&p->lock);
    return r;
}
