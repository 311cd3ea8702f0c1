// SPDX-License-Identifier: MIT
//
// wait4 and waitid.
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/wait.h>

#include "kernel/fs/event/pidfd.h"
#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/usage.h"
#include "kernel/task/task.h"
#include "kernel/task/wait.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/open_file.h"

enum { STATUS_CONTINUED = 0xffff, STATUS_STOPPED = 0x7f };

static int put_usage(void USER *usage, const struct wait_answer *a)
{
    struct rusage u;
    memset(&u, 0, sizeof(u)); // the rest is not kept for children
    usage_put_time(&u, a->cpu_ns);
    usage_put_counts(&u, &a->used);
    return usage ? copy_to_user(usage, &u, sizeof(u)) : 0;
}

static int request_of(int pid, struct wait_request *ret)
{
    if (pid == -1)
        ret->which = WAIT_ANY;
    else if (pid > 0)
        ret->which = WAIT_PID;
    else
        ret->which = WAIT_GROUP;
    ret->id = pid > 0 ? pid : pid == 0 ? current_process()->pgid : -pid;
    return 0;
}

long sys_wait4(int pid, void USER *status, int options, void USER *usage)
{
    const int known = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | (int)__WCLONE | __WALL;
    struct wait_request q = {.options = options | WEXITED};
    struct wait_answer a;
    if (options & ~known)
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    request_of(pid, &q);
    long r = process_wait(&q, &a);
    if (r || !a.pid)
        return r;
    if (status && PUT_USER(a.status, (int USER *)status))
        return -EFAULT;
    return put_usage(usage, &a) ? -EFAULT : a.pid;
}

static struct siginfo answer_info(const struct wait_answer *a)
{
    struct siginfo info;
    memset(&info, 0, sizeof(info));
    if (!a->pid)
        return info;
    int low = a->status & 0x7f, high = a->status >> 8 & 0xff;
    info.si_signo = SIGCHLD;
    info.si_pid = a->pid;
    info.si_uid = a->uid;
    if (a->status == STATUS_CONTINUED) {
        info.si_code = CLD_CONTINUED;
        info.si_status = SIGCONT;
    } else if (low == STATUS_STOPPED) {
        info.si_code = CLD_STOPPED;
        info.si_status = high;
    } else {
        info.si_code = low ? CLD_KILLED : CLD_EXITED;
        info.si_status = low ? low : high;
    }
    return info;
}

// With O_NONBLOCK it is as WNOHANG, but for the error (ret_now).
static int of_pidfd(int fd, struct wait_request *q, bool *ret_now)
{
    struct file *f = fd_get(fd);
    q->id = f ? pidfd_pid(f) : -EBADF;
    *ret_now = f && (f->flags & O_NONBLOCK) && !(q->options & WNOHANG);
    if (*ret_now)
        q->options |= WNOHANG;
    file_put(f);
    return q->id < 0 ? -EBADF : 0;
}

long sys_waitid(int which, int id, void USER *info, int options, void USER *usage)
{
    const int events = WEXITED | WSTOPPED | WCONTINUED, known = events | WNOHANG | WNOWAIT | __WNOTHREAD | (int)__WCLONE | __WALL;
    struct wait_request q = {.id = id, .options = options};
    struct wait_answer a;
    if ((options & ~known) || !(options & events))
        return -EINVAL;
    switch (which) {
    case P_ALL:
        q.which = WAIT_ANY;
        break;
    case P_PID:
    case P_PIDFD:
        q.which = WAIT_PID;
        break;
    case P_PGID:
        q.which = WAIT_GROUP;
        q.id = id ? id : current_process()->pgid;
        break;
    default:
        return -EINVAL;
    }
    if (which != P_ALL && id < (which == P_PID ? 1 : 0))
        return -EINVAL;
    bool now = false;
    long r = which == P_PIDFD ? of_pidfd(id, &q, &now) : 0;
    if (!r)
        r = process_wait(&q, &a);
    if (!r && now && !a.pid)
        r = -EAGAIN;
    if (r) {
        static const struct siginfo none;
        return info && r == -ECHILD && copy_to_user(info, &none, sizeof(none)) ? -EFAULT : r;
    }
    const struct siginfo answer = answer_info(&a);
    if (info && copy_to_user(info, &answer, sizeof(answer)))
        return -EFAULT;
    return put_usage(usage, &a);
}
