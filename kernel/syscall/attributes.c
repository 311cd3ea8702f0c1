// SPDX-License-Identifier: MIT
//
// Changing what is known of files: modes, owners, times.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>
#include <linux/time_types.h>

#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/permission.h"

#define UNCHANGED UINT32_MAX

enum { UTIME_NOW_NS = 0x3fffffff, UTIME_OMIT_NS = 0x3ffffffe };

static int change_mode(struct node *n, unsigned mode)
{
    if (!node_is_owned(n))
        return -EPERM;
    n->mode = mode_for_group((n->mode & S_IFMT) | (mode & 07777), n->gid);
    node_changed(n);
    notify_node(n, IN_ATTRIB);
    return 0;
}

// Owners give their files to groups that they are in, and to nobody else.
static bool may_give(const struct node *n, unsigned uid, unsigned gid)
{
    if (capable(CAP_CHOWN))
        return true;
    bool owner = current_thread()->cred.fsuid == n->uid;
    return (uid == UNCHANGED || (owner && uid == n->uid)) && (gid == UNCHANGED || (owner && (gid == n->gid || in_group(gid))));
}

// A program that ran as its owner or group does not run as the new one.
static uint32_t mode_given_away(const struct node *n)
{
    if (S_TYPE(n->mode) == S_IFDIR)
        return n->mode;
    uint32_t mode = mode_for_group(n->mode & ~(uint32_t)S_ISUID, n->gid);
    return mode & S_IXGRP ? mode & ~(uint32_t)S_ISGID : mode;
}

static int change_owner(struct node *n, unsigned uid, unsigned gid)
{
    if (!may_give(n, uid, gid))
        return -EPERM;
    n->mode = mode_given_away(n);
    n->uid = uid == UNCHANGED ? n->uid : uid;
    n->gid = gid == UNCHANGED ? n->gid : gid;
    node_changed(n);
    notify_node(n, IN_ATTRIB);
    return 0;
}

static long put_after(struct node *n, long r)
{
    node_put(n);
    return r;
}

long sys_fchmodat(int dir, const char USER *path, unsigned mode)
{
    struct node *n;
    int r = node_at(dir, path, 0, &n);
    return r ? r : put_after(n, change_mode(n, mode));
}

long sys_chmod(const char USER *path, unsigned mode)
{
    return sys_fchmodat(AT_FDCWD, path, mode);
}

long sys_fchmod(int fd, unsigned mode)
{
    struct node *n;
    int r = node_of_fd(fd, false, &n);
    return r ? r : put_after(n, change_mode(n, mode));
}

long sys_fchownat(int dir, const char USER *path, unsigned uid, unsigned gid, int flags)
{
    struct node *n;
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int r = node_at(dir, path, flags, &n);
    return r ? r : put_after(n, change_owner(n, uid, gid));
}

long sys_chown(const char USER *path, unsigned uid, unsigned gid)
{
    return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(const char USER *path, unsigned uid, unsigned gid)
{
    return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(int fd, unsigned uid, unsigned gid)
{
    struct node *n;
    int r = node_of_fd(fd, false, &n);
    return r ? r : put_after(n, change_owner(n, uid, gid));
}

// What cannot be kept becomes the first or the last time that can, as with other filesystems.
static int64_t join_time(int64_t seconds, int64_t ns)
{
    int64_t result;
    if (__builtin_mul_overflow(seconds, (int64_t)NS_PER_S, &result) || __builtin_add_overflow(result, ns, &result))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return result;
}

static bool is_time(const struct __kernel_timespec *t)
{
    return t->tv_nsec == UTIME_OMIT_NS || t->tv_nsec == UTIME_NOW_NS || (t->tv_nsec >= 0 && t->tv_nsec < (long)NS_PER_S);
}

static void set_time(int64_t *ns, const struct __kernel_timespec *t)
{
    if (t->tv_nsec == UTIME_NOW_NS)
        *ns = (int64_t)clock_realtime_ns();
    else if (t->tv_nsec != UTIME_OMIT_NS)
        *ns = join_time(t->tv_sec, t->tv_nsec);
}

// Who may write may say that it was now; any other time is the owner's to set.
static int may_set_times(const struct node *n, const struct __kernel_timespec t[2])
{
    bool now = t[0].tv_nsec == UTIME_NOW_NS && t[1].tv_nsec == UTIME_NOW_NS;
    return node_is_owned(n) ? 0 : now ? node_permits(n, MAY_WRITE) : -EPERM;
}

static long change_times(int dir, const char USER *path, const struct __kernel_timespec t[2], int flags)
{
    struct node *n;
    bool access = t[0].tv_nsec != UTIME_OMIT_NS, modification = t[1].tv_nsec != UTIME_OMIT_NS;
    if (!access && !modification)
        return 0; // whatever the path
    int r = path || dir == AT_FDCWD ? node_at(dir, path, flags, &n) : node_of_fd(dir, false, &n);
    if (r)
        return r;
    r = is_time(&t[0]) && is_time(&t[1]) ? may_set_times(n, t) : -EINVAL;
    if (!r) {
        set_time(&n->atime_ns, &t[0]);
        set_time(&n->mtime_ns, &t[1]);
        node_changed(n);
        notify_node(n, access && modification ? IN_ATTRIB : access ? IN_ACCESS : IN_MODIFY);
    }
    return put_after(n, r);
}

static const struct __kernel_timespec both_now[2] = {{0, UTIME_NOW_NS}, {0, UTIME_NOW_NS}};

long sys_utimensat(int dir, const char USER *path, const void USER *times, int flags)
{
    struct __kernel_timespec t[2];
    if (times && copy_from_user(t, times, sizeof(t)))
        return -EFAULT;
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    return change_times(dir, path, times ? t : both_now, flags);
}

long sys_futimesat(int dir, const char USER *path, const void USER *times)
{
    struct __kernel_old_timeval v[2];
    struct __kernel_timespec t[2];
    if (times && copy_from_user(v, times, sizeof(v)))
        return -EFAULT;
    for (int i = 0; times && i < 2; i++) {
        if (v[i].tv_usec < 0 || v[i].tv_usec >= 1000000)
            return -EINVAL;
        t[i] = (struct __kernel_timespec){v[i].tv_sec, v[i].tv_usec * 1000};
    }
    return change_times(dir, path, times ? t : both_now, 0);
}

long sys_utimes(const char USER *path, const void USER *times)
{
    return sys_futimesat(AT_FDCWD, path, times);
}

long sys_utime(const char USER *path, const void USER *times)
{
    int64_t seconds[2];
    if (times && copy_from_user(seconds, times, sizeof(seconds)))
        return -EFAULT;
    const struct __kernel_timespec t[2] = {{times ? seconds[0] : 0, 0}, {times ? seconds[1] : 0, 0}};
    return change_times(AT_FDCWD, path, times ? t : both_now, 0);
}
