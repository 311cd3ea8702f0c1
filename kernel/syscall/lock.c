// SPDX-License-Identifier: MIT
//
// flock(2), and the commands of fcntl(2) on record locks.
#include "kernel/syscall/lock.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

#include "kernel/mm/user.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/lock.h"
#include "kernel/vfs/open_file.h"

long sys_flock(int fd, int operation)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    if (operation & LOCK_MAND) { // Linux has no such locks any more, and says nothing
        file_put(f);
        return 0;
    }
    const struct lock_request q = {.kind = LOCK_WHOLE,
                                   .owner = f,
                                   .pid = current_process()->pid,
                                   .exclusive = (operation & ~LOCK_NB) == LOCK_EX,
                                   .unlock = (operation & ~LOCK_NB) == LOCK_UN,
                                   .last = UINT64_MAX};
    bool known = q.exclusive || q.unlock || (operation & ~LOCK_NB) == LOCK_SH;
    long r = !known ? -EINVAL : !f->node ? 0 : lock_set(f, &q, !(operation & LOCK_NB));
    file_put(f);
    return r;
}

// The range of a struct flock, from the start of the file.
static int range(struct file *f, const struct flock *l, struct lock_request *q)
{
    long base = file_origin(f, l->l_whence), start, last;
    if (base < 0)
        return base;
    if (__builtin_add_overflow(base, l->l_start, &start))
        return -EOVERFLOW;
    if (start < 0)
        return -EINVAL;
    last = INT64_MAX;
    if (l->l_len > 0 && __builtin_add_overflow(start, l->l_len - 1, &last))
        return -EOVERFLOW;
    if (l->l_len < 0) {
        last = start - 1;
        start += l->l_len;
    }
    if (start < 0)
        return -EINVAL;
    q->start = (uint64_t)start;
    q->last = (uint64_t)last;
    return 0;
}

static int decode(struct file *f, const struct flock *l, bool of_file, struct lock_request *ret)
{
    *ret = (struct lock_request){.kind = LOCK_RECORD,
                                 .owner = of_file ? (const void *)f : fd_table_current(),
                                 .pid = of_file ? -1 : current_process()->pid,
                                 .exclusive = l->l_type == F_WRLCK,
                                 .unlock = l->l_type == F_UNLCK};
    if ((l->l_type != F_RDLCK && l->l_type != F_WRLCK && l->l_type != F_UNLCK) || (of_file && l->l_pid))
        return -EINVAL;
    return range(f, l, ret);
}

static long get(struct file *f, struct flock *l, bool of_file)
{
    struct lock_request q, found;
    int r = l->l_type == F_UNLCK ? -EINVAL : decode(f, l, of_file, &q);
    if (r)
        return r;
    if (!lock_find(f, &q, &found)) {
        l->l_type = F_UNLCK;
        return 0;
    }
    *l = (struct flock){.l_type = found.exclusive ? F_WRLCK : F_RDLCK,
                        .l_whence = SEEK_SET,
                        .l_start = (long)found.start,
                        .l_len = found.last == INT64_MAX ? 0 : (long)(found.last - found.start + 1),
                        .l_pid = found.pid};
    return 0;
}

static long set(struct file *f, const struct flock *l, bool of_file, bool wait)
{
    struct lock_request q;
    int r = decode(f, l, of_file, &q);
    if (!r && !q.unlock && !(q.exclusive ? file_writable(f) : file_readable(f)))
        r = -EBADF;
    return r ? r : lock_set(f, &q, wait);
}

long fcntl_lock(struct file *f, int command, unsigned long argument)
{
    struct flock l;
    bool of_file = command == F_OFD_GETLK || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    if (f->flags & O_PATH)
        return -EBADF;
    if (copy_from_user(&l, (const void USER *)argument, sizeof(l)))
        return -EFAULT;
    if (!f->node)
        return -EINVAL;
    if (command == F_SETLK || command == F_OFD_SETLK || command == F_SETLKW || command == F_OFD_SETLKW)
        return set(f, &l, of_file, command == F_SETLKW || command == F_OFD_SETLKW);
    long r = get(f, &l, of_file);
    return r ? r : copy_to_user((void USER *)argument, &l, sizeof(l));
}
