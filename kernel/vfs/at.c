// SPDX-License-Identifier: MIT
#include "kernel/vfs/at.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/open.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/tree.h"

int path_from_user(const char USER *path, char **ret_path)
{
    char *p = kmalloc(TREE_PATH_MAX);
    if (!p)
        return -ENOMEM;
    long n = strncpy_from_user(p, path, TREE_PATH_MAX);
    if (n < 0) {
        kfree(p);
        return (int)n;
    }
    *ret_path = p;
    return 0;
}

int base_from_fd(int dirfd, const char *path, struct node **ret_base)
{
    if (dirfd == AT_FDCWD || path[0] == '/') {
        *ret_base = node_get(current_fs()->cwd);
        return 0;
    }
    if (!*path)
        return -ENOENT;
    struct file *f = fd_get(dirfd);
    if (!f)
        return -EBADF;
    int r = f->node && S_TYPE(f->node->mode) == S_IFDIR ? 0 : -ENOTDIR;
    if (!r)
        *ret_base = node_get(f->node);
    file_put(f);
    return r;
}

int node_of_fd(int fd, bool path_too, struct node **ret)
{
    struct file *f = path_too ? fd_get(fd) : fd_get_io(fd);
    if (!f)
        return -EBADF;
    int r = f->node ? 0 : -EINVAL;
    if (!r)
        *ret = node_get(f->node);
    file_put(f);
    return r;
}

int node_at(int dirfd, const char USER *path, int flags, struct node **ret)
{
    char *p = NULL;
    struct node *base;
    int r = path_from_user(path, &p);
    if (r)
        return r;
    if (!*p && (flags & AT_EMPTY_PATH)) {
        kfree(p);
        if (dirfd != AT_FDCWD)
            return node_of_fd(dirfd, true, ret);
        *ret = node_get(current_fs()->cwd);
        return 0;
    }
    r = base_from_fd(dirfd, p, &base);
    if (!r) {
        r = tree_walk(base, p, flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW, ret);
        node_put(base);
    }
    kfree(p);
    return r;
}

static int reopen(int fd, struct file **ret)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    int r = f->node ? node_open_program(f->node, ret) : -EACCES;
    if (!r && f->path) {
        size_t size = strlen(f->path) + 1;
        (*ret)->path = kmalloc(size);
        if ((*ret)->path) // only for names in /proc and messages
            memcpy((*ret)->path, f->path, size);
    }
    file_put(f);
    return r;
}

int program_at(int dirfd, const char *path, int flags, struct file **ret)
{
    struct node *base;
    if (!*path && dirfd != AT_FDCWD)
        return reopen(dirfd, ret);
    int r = base_from_fd(dirfd, path, &base);
    if (r)
        return r;
    r = file_open_program(base, *path ? path : ".", !(flags & AT_SYMLINK_NOFOLLOW), ret);
    node_put(base);
    return r;
}
