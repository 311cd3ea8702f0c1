// SPDX-License-Identifier: MIT
//
// pidfd_open(2). Numbers of processes are never used twice, so the number is all that has to be kept.
#include "kernel/fs/event/pidfd.h"

#include <stdbool.h>

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

static const struct file_ops pidfd_ops;

// Ended, and already to be found by wait; or waited for and about to be freed.
static bool has_ended(int32_t pid)
{
    struct process *p = process_find_lock(pid);
    bool ended = !p || p->zombie || (!p->threads && !p->parent);
    if (p)
        mutex_unlock(&p->lock);
    return ended;
}

// Parents are told of the end of their children; for others the number is looked up now and then.
static unsigned pidfd_poll(struct file *f, struct poll_table *table)
{
    int32_t pid = pidfd_pid(f);
    struct process *self = current_process();
    poll_wait(table, &self->child_wait);
    struct process *p = process_find_lock(pid);
    bool child = p && p->parent == self;
    if (p)
        mutex_unlock(&p->lock);
    if (table && !child)
        table->unwatched = true;
    return has_ended(pid) ? POLLIN | POLLRDNORM : 0;
}

static const struct file_ops pidfd_ops = {.stream = true, .poll = pidfd_poll};

int32_t pidfd_pid(const struct file *f)
{
    return f->ops == &pidfd_ops ? (int32_t)(intptr_t)f->context : -EBADF;
}

int pidfd_new(int32_t pid, int flags, struct file **ret)
{
    struct process *p = process_find_lock(pid);
    if (!p)
        return -ESRCH;
    mutex_unlock(&p->lock);
    struct file *f = file_new(&pidfd_ops, O_RDWR | ((uint32_t)flags & O_NONBLOCK), NULL);
    if (!f)
        return -ENOMEM;
    f->context = (void *)(intptr_t)pid;
    f->name = "anon_inode:[pidfd]";
    *ret = f;
    return 0;
}
