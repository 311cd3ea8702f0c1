// SPDX-License-Identifier: MIT
//
// pipe, eventfd, signalfd, pidfd, epoll, inotify.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>

#include "kernel/fs/event/epoll.h"
#include "kernel/fs/event/eventfd.h"
#include "kernel/fs/event/inotify.h"
#include "kernel/fs/event/pidfd.h"
#include "kernel/fs/event/signalfd.h"
#include "kernel/fs/pipe/pipe.h"
#include "kernel/mm/heap.h"
#include "kernel/syscall/deadline.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/permission.h"

enum { EVENTFD_FLAGS = O_CLOEXEC | O_NONBLOCK | 1, EVENTS_FEW = 4096 };

static unsigned cloexec(int flags)
{
    return flags & O_CLOEXEC ? FD_CLOEXEC : 0;
}

long sys_pipe2(void USER *fds, int flags)
{
    struct file *r, *w;
    int pair[2];
    if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
        return -EINVAL;
    int e = pipe_new((uint32_t)flags & (O_NONBLOCK | O_DIRECT), &r, &w);
    if (e)
        return e;
    pair[0] = fd_install(r, cloexec(flags), 0);
    if (pair[0] < 0) {
        file_put(w);
        return pair[0];
    }
    pair[1] = fd_install(w, cloexec(flags), 0);
    if (pair[1] >= 0 && !copy_to_user(fds, pair, sizeof(pair)))
        return 0;
    (void)fd_close(pair[0]);
    if (pair[1] < 0)
        return pair[1];
    (void)fd_close(pair[1]);
    return -EFAULT;
}

long sys_pipe(void USER *fds)
{
    return sys_pipe2(fds, 0);
}

long sys_eventfd2(unsigned initial, int flags)
{
    struct file *f;
    if (flags & ~EVENTFD_FLAGS)
        return -EINVAL;
    int r = eventfd_new(initial, flags, &f);
    return r ? r : fd_install(f, cloexec(flags), 0);
}

long sys_eventfd(unsigned initial)
{
    return sys_eventfd2(initial, 0);
}

// fd -1 makes one, else its set is changed.
long sys_signalfd4(int fd, const void USER *user_set, size_t size, int flags)
{
    uint64_t set;
    struct file *f;
    if (size != sizeof(set) || (flags & ~(O_CLOEXEC | O_NONBLOCK)))
        return -EINVAL;
    if (GET_USER(set, user_set))
        return -EFAULT;
    if (fd == -1) {
        int r = signalfd_new(set, flags, &f);
        return r ? r : fd_install(f, cloexec(flags), 0);
    }
    f = fd_get(fd);
    if (!f)
        return -EBADF;
    int r = signalfd_change(f, set);
    file_put(f);
    return r ? r : fd;
}

long sys_signalfd(int fd, const void USER *set, size_t size)
{
    return sys_signalfd4(fd, set, size, 0);
}

long sys_pidfd_open(int pid, int flags)
{
    struct file *f;
    if (pid <= 0 || (flags & ~O_NONBLOCK)) // PIDFD_NONBLOCK
        return -EINVAL;
    int r = pidfd_new(pid, flags, &f);
    return r ? r : fd_install(f, FD_CLOEXEC, 0);
}

long sys_epoll_create1(int flags)
{
    struct file *f;
    if (flags & ~O_CLOEXEC)
        return -EINVAL;
    int r = epoll_new(&f);
    return r ? r : fd_install(f, cloexec(flags), 0);
}

long sys_epoll_create(int size)
{
    return size > 0 ? sys_epoll_create1(0) : -EINVAL;
}

long sys_epoll_ctl(int epfd, int operation, int fd, const void USER *event)
{
    struct epoll_event e = {0};
    if (operation != EPOLL_CTL_DEL && copy_from_user(&e, event, sizeof(e)))
        return -EFAULT;
    struct file *epoll = fd_get(epfd), *f = fd_get_io(fd);
    long r = epoll && f ? epoll_change(epoll, operation, fd, f, &e) : -EBADF;
    file_put(epoll);
    file_put(f);
    return r;
}

static long do_wait(int epfd, void USER *events, int max, uint64_t deadline)
{
    if (max <= 0 || max > INT32_MAX / (int)sizeof(struct epoll_event))
        return -EINVAL;
    struct file *f = fd_get(epfd);
    if (!f)
        return -EBADF;
    unsigned most = max > EVENTS_FEW ? epoll_size(f) : 0; // there is room for more than can come
    most = most > EVENTS_FEW ? most : EVENTS_FEW;
    max = (unsigned)max < most ? max : (int)most;
    struct epoll_event *ready = kmalloc((size_t)max * sizeof(*ready));
    long n = !ready ? -ENOMEM : epoll_collect(f, ready, max, deadline);
    if (n > 0 && copy_to_user(events, ready, (size_t)n * sizeof(*ready)))
        n = -EFAULT;
    file_put(f);
    kfree(ready);
    return n;
}

long sys_epoll_wait(int epfd, void USER *events, int max, int timeout_ms)
{
    return do_wait(epfd, events, max, deadline_after_ms(timeout_ms));
}

long sys_epoll_pwait(int epfd, void USER *events, int max, int timeout_ms, const void USER *mask, size_t mask_size)
{
    int r = signal_mask_swap(mask, mask_size);
    return r ? r : signal_mask_swap_back(do_wait(epfd, events, max, deadline_after_ms(timeout_ms)));
}

long sys_epoll_pwait2(int epfd, void USER *events, int max, const void USER *timeout, const void USER *mask, size_t mask_size)
{
    uint64_t deadline;
    int r = deadline_from_timespec(timeout, &deadline);
    if (!r)
        r = signal_mask_swap(mask, mask_size);
    return r ? r : signal_mask_swap_back(do_wait(epfd, events, max, deadline));
}

long sys_inotify_init1(int flags)
{
    struct file *f;
    if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
        return -EINVAL;
    int r = inotify_new((uint32_t)flags & IN_NONBLOCK, &f);
    return r ? r : fd_install(f, cloexec(flags), 0);
}

long sys_inotify_init(void)
{
    return sys_inotify_init1(0);
}

static long add_watch(struct inotify *i, const char USER *path, uint32_t mask)
{
    const uint32_t known = IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK |
                           IN_MASK_ADD | IN_MASK_CREATE | IN_ISDIR | IN_ONESHOT;
    struct node *n;
    if (!(mask & known) || (mask & IN_MASK_ADD && mask & IN_MASK_CREATE))
        return -EINVAL;
    if (!i)
        return -EINVAL;
    long r = node_at(AT_FDCWD, path, mask & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &n);
    if (r)
        return r;
    r = mask & IN_ONLYDIR && S_TYPE(n->mode) != S_IFDIR ? -ENOTDIR : node_permits(n, MAY_READ);
    if (!r)
        r = watch_add(i, n, mask);
    node_put(n);
    return r;
}

long sys_inotify_add_watch(int fd, const char USER *path, int mask)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    long r = add_watch(inotify_of(f), path, (uint32_t)mask);
    file_put(f);
    return r;
}

long sys_inotify_rm_watch(int fd, int wd)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    struct inotify *i = inotify_of(f);
    int r = i ? watch_remove(i, wd) : -EINVAL;
    file_put(f);
    return r;
}
