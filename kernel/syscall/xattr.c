// SPDX-License-Identifier: MIT
//
// Extended attributes: our file systems have none, and say so as Linux's do (xattr(7)): lists are empty, the rest is EOPNOTSUPP. The file
// must exist all the same.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/xattr.h>

#include "kernel/syscall/syscalls.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/file.h"

// The name is read before anything else that can be wrong with it.
static long refuse(const char USER *name)
{
    char copy[XATTR_NAME_MAX + 1];
    long n = strncpy_from_user(copy, name, sizeof(copy));
    return n == 0 || n == -ENAMETOOLONG ? -ERANGE : n < 0 ? n : -EOPNOTSUPP;
}

// Setting reads the value, too.
static long refuse_set(const char USER *name, const void USER *value, size_t size, int flags)
{
    char c;
    long r = refuse(name);
    if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
        return -EINVAL;
    if (r != -EOPNOTSUPP || !size)
        return r;
    if (size > XATTR_SIZE_MAX)
        return -E2BIG;
    return GET_USER(c, (const char USER *)value) || GET_USER(c, (const char USER *)value + size - 1) ? -EFAULT : r;
}

static long at_path(const char USER *path, int flags, long answer)
{
    struct node *n;
    int r = node_at(AT_FDCWD, path, flags, &n);
    if (r)
        return r;
    node_put(n);
    return answer;
}

static long at_fd(int fd, long answer)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    file_put(f);
    return answer;
}

long sys_setxattr(const char USER *path, const char USER *name, const void USER *value, size_t size, int flags)
{
    return at_path(path, 0, refuse_set(name, value, size, flags));
}

long sys_lsetxattr(const char USER *path, const char USER *name, const void USER *value, size_t size, int flags)
{
    return at_path(path, AT_SYMLINK_NOFOLLOW, refuse_set(name, value, size, flags));
}

long sys_fsetxattr(int fd, const char USER *name, const void USER *value, size_t size, int flags)
{
    return at_fd(fd, refuse_set(name, value, size, flags));
}

long sys_getxattr(const char USER *path, const char USER *name, void USER *value, size_t size)
{
    return at_path(path, 0, refuse(name));
}

long sys_lgetxattr(const char USER *path, const char USER *name, void USER *value, size_t size)
{
    return at_path(path, AT_SYMLINK_NOFOLLOW, refuse(name));
}

long sys_fgetxattr(int fd, const char USER *name, void USER *value, size_t size)
{
    return at_fd(fd, refuse(name));
}

long sys_listxattr(const char USER *path, void USER *list, size_t size)
{
    return at_path(path, 0, 0);
}

long sys_llistxattr(const char USER *path, void USER *list, size_t size)
{
    return at_path(path, AT_SYMLINK_NOFOLLOW, 0);
}

long sys_flistxattr(int fd, void USER *list, size_t size)
{
    return at_fd(fd, 0);
}

long sys_removexattr(const char USER *path, const char USER *name)
{
    return at_path(path, 0, refuse(name));
}

long sys_lremovexattr(const char USER *path, const char USER *name)
{
    return at_path(path, AT_SYMLINK_NOFOLLOW, refuse(name));
}

long sys_fremovexattr(int fd, const char USER *name)
{
    return at_fd(fd, refuse(name));
}
