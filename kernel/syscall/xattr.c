// SPDX-License-Identifier: MIT
//
// System calls on extended attributes.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>
#include <linux/limits.h>
#include <linux/xattr.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/xattr.h"

struct request {
    const char USER *name;
    void USER *value; // read by who sets, written by who gets and lists
    size_t size;
    int flags;
};

typedef long operation(struct node *n, const struct request *q);

static long name_from_user(const char USER *name, char to[XATTR_NAME_MAX + 1])
{
    long n = strncpy_from_user(to, name, XATTR_NAME_MAX + 1);
    return n == 0 || n == -ENAMETOOLONG ? -ERANGE : n < 0 ? n : 0;
}

static long set(struct node *n, const struct request *q)
{
    char name[XATTR_NAME_MAX + 1];
    if (q->flags & ~(XATTR_CREATE | XATTR_REPLACE))
        return -EINVAL;
    long r = name_from_user(q->name, name);
    if (r || q->size > XATTR_SIZE_MAX)
        return r ? r : -E2BIG;
    char *value = kmalloc(q->size + 1);
    r = !value ? -ENOMEM : q->size ? copy_from_user(value, q->value, q->size) : 0;
    if (!r)
        r = xattr_set(n, name, value, q->size, q->flags);
    if (!r)
        notify_node(n, IN_ATTRIB);
    kfree(value);
    return r;
}

// A value or a list into the program's buffer.
static long give(struct node *n, const struct request *q, const char *name)
{
    const size_t room = q->size < XATTR_SIZE_MAX ? q->size : XATTR_SIZE_MAX;
    char *to = kmalloc(room + 1);
    if (!to)
        return -ENOMEM;
    long r = name ? xattr_get(n, name, to, room) : xattr_list(n, to, room);
    if (r > 0 && room && copy_to_user(q->value, to, (size_t)r))
        r = -EFAULT;
    kfree(to);
    return r;
}

static long get(struct node *n, const struct request *q)
{
    char name[XATTR_NAME_MAX + 1];
    long r = name_from_user(q->name, name);
    return r ? r : give(n, q, name);
}

static long list(struct node *n, const struct request *q)
{
    return give(n, q, NULL);
}

static long remove_one(struct node *n, const struct request *q)
{
    char name[XATTR_NAME_MAX + 1];
    long r = name_from_user(q->name, name);
    if (!r)
        r = xattr_remove(n, name);
    if (!r)
        notify_node(n, IN_ATTRIB);
    return r;
}

static long at_path(const char USER *path, int flags, operation *o, const struct request *q)
{
    struct node *n;
    long r = node_at(AT_FDCWD, path, flags, &n);
    if (r)
        return r;
    r = o(n, q);
    node_put(n);
    return r;
}

// What has no node is a pipe, a socket or the like.
static long without_node(operation *o)
{
    return o == list ? 0 : o == get ? -ENODATA : -EPERM;
}

static long at_fd(int fd, operation *o, const struct request *q)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    long r = f->node ? o(f->node, q) : without_node(o);
    file_put(f);
    return r;
}

long sys_setxattr(const char USER *path, const char USER *name, const void USER *value, size_t size, int flags)
{
    const struct request q = {name, (void USER *)(uintptr_t)value, size, flags};
    return at_path(path, 0, set, &q);
}

long sys_lsetxattr(const char USER *path, const char USER *name, const void USER *value, size_t size, int flags)
{
    const struct request q = {name, (void USER *)(uintptr_t)value, size, flags};
    return at_path(path, AT_SYMLINK_NOFOLLOW, set, &q);
}

long sys_fsetxattr(int fd, const char USER *name, const void USER *value, size_t size, int flags)
{
    const struct request q = {name, (void USER *)(uintptr_t)value, size, flags};
    return at_fd(fd, set, &q);
}

long sys_getxattr(const char USER *path, const char USER *name, void USER *value, size_t size)
{
    const struct request q = {name, value, size, 0};
    return at_path(path, 0, get, &q);
}

long sys_lgetxattr(const char USER *path, const char USER *name, void USER *value, size_t size)
{
    const struct request q = {name, value, size, 0};
    return at_path(path, AT_SYMLINK_NOFOLLOW, get, &q);
}

long sys_fgetxattr(int fd, const char USER *name, void USER *value, size_t size)
{
    const struct request q = {name, value, size, 0};
    return at_fd(fd, get, &q);
}

long sys_listxattr(const char USER *path, void USER *to, size_t size)
{
    const struct request q = {NULL, to, size, 0};
    return at_path(path, 0, list, &q);
}

long sys_llistxattr(const char USER *path, void USER *to, size_t size)
{
    const struct request q = {NULL, to, size, 0};
    return at_path(path, AT_SYMLINK_NOFOLLOW, list, &q);
}

long sys_flistxattr(int fd, void USER *to, size_t size)
{
    const struct request q = {NULL, to, size, 0};
    return at_fd(fd, list, &q);
}

long sys_removexattr(const char USER *path, const char USER *name)
{
    const struct request q = {.name = name};
    return at_path(path, 0, remove_one, &q);
}

long sys_lremovexattr(const char USER *path, const char USER *name)
{
    const struct request q = {.name = name};
    return at_path(path, AT_SYMLINK_NOFOLLOW, remove_one, &q);
}

long sys_fremovexattr(int fd, const char USER *name)
{
    const struct request q = {.name = name};
    return at_fd(fd, remove_one, &q);
}
