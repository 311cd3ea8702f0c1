// SPDX-License-Identifier: MIT
//
// signalfd(2): the pending signals of whoever reads, the thread's and its process's.
#include "kernel/fs/event/signalfd.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/signalfd.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

#define NEVER (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

struct signalfd {
    uint64_t set; // atomic
};

static const struct file_ops signalfd_ops;

static void fill(struct signalfd_siginfo *s, const struct siginfo *info)
{
    *s = (struct signalfd_siginfo){
        .ssi_signo = (uint32_t)info->si_signo, .ssi_errno = info->si_errno, .ssi_code = info->si_code};
    if (info->si_code == SI_TIMER) {
        s->ssi_tid = (uint32_t)info->si_tid;
        s->ssi_overrun = (uint32_t)info->si_overrun;
        s->ssi_ptr = (uint64_t)info->si_value.sival_ptr;
        s->ssi_int = info->si_value.sival_int;
    } else if (info->si_signo == SIGCHLD && info->si_code > 0) {
        s->ssi_pid = (uint32_t)info->si_pid;
        s->ssi_uid = info->si_uid;
        s->ssi_status = info->si_status;
    } else if (info->si_code <= 0) {
        s->ssi_pid = (uint32_t)info->si_pid;
        s->ssi_uid = info->si_uid;
        s->ssi_ptr = (uint64_t)info->si_value.sival_ptr;
        s->ssi_int = info->si_value.sival_int;
    } else if (info->si_signo == SIGSEGV || info->si_signo == SIGBUS || info->si_signo == SIGILL ||
               info->si_signo == SIGFPE || info->si_signo == SIGTRAP) {
        s->ssi_addr = (uint64_t)info->si_addr;
    }
}

static size_t take(uint64_t set, struct signalfd_siginfo *to, size_t room)
{
    struct siginfo info;
    size_t n = 0;
    for (; n < room && signal_take(set, &info); n++)
        fill(&to[n], &info);
    return n;
}

static long signalfd_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    const struct signalfd *s = f->context;
    size_t room = size / sizeof(struct signalfd_siginfo);
    if (!room)
        return -EINVAL;
    for (;;) {
        uint64_t set = __atomic_load_n(&s->set, __ATOMIC_RELAXED);
        size_t n = take(set, to, room);
        if (n)
            return (long)(n * sizeof(struct signalfd_siginfo));
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int r = wait_event(&current_process()->signal_wait, signal_pending_set() & s->set, UINT64_MAX);
        if (r)
            return r;
    }
}

static unsigned signalfd_poll(struct file *f, struct poll_table *table)
{
    const struct signalfd *s = f->context;
    poll_wait(table, &current_process()->signal_wait);
    return signal_pending_set() & s->set ? POLLIN | POLLRDNORM : 0;
}

static void signalfd_release(struct file *f)
{
    kfree(f->context);
}

static const struct file_ops signalfd_ops = {
    .stream = true,
    .read_least = sizeof(struct signalfd_siginfo),
    .read = signalfd_read,
    .poll = signalfd_poll,
    .release = signalfd_release,
};

int signalfd_new(uint64_t set, int flags, struct file **ret)
{
    struct signalfd *s = kzalloc(sizeof(*s));
    struct file *f = s ? file_new(&signalfd_ops, O_RDWR | ((uint32_t)flags & O_NONBLOCK), NULL) : NULL;
    if (!f) {
        kfree(s);
        return -ENOMEM;
    }
    s->set = set & ~NEVER;
    f->context = s;
    f->name = "anon_inode:[signalfd]";
    *ret = f;
    return 0;
}

int signalfd_change(struct file *f, uint64_t set)
{
    if (f->ops != &signalfd_ops)
        return -EINVAL;
    struct signalfd *s = f->context;
    __atomic_store_n(&s->set, set & ~NEVER, __ATOMIC_RELAXED);
    (void)waitq_wake(&current_process()->signal_wait, UINT32_MAX);
    return 0;
}
