// SPDX-License-Identifier: MIT
//
// Names: directories, links, renames, the working directory.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/link.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/tree.h"

struct place { // a path and where it starts
    char *path;
    struct node *base;
};

static int place_get(int dir, const char USER *path, struct place *ret)
{
    *ret = (struct place){0};
    int r = path_from_user(path, &ret->path);
    return r ? r : base_from_fd(dir, ret->path, &ret->base);
}

static long place_put(struct place *p, long result)
{
    node_put(p->base);
    kfree(p->path);
    return result;
}

static unsigned masked(unsigned mode)
{
    return mode & 07777 & ~current_fs()->umask;
}

long sys_mkdirat(int dir, const char USER *path, unsigned mode)
{
    struct place p;
    int r = place_get(dir, path, &p);
    return place_put(&p, r ? r : tree_make(p.base, p.path, S_IFDIR | (masked(mode) & (S_ISVTX | 0777)), 0));
}

long sys_mkdir(const char USER *path, unsigned mode)
{
    return sys_mkdirat(AT_FDCWD, path, mode);
}

long sys_mknodat(int dir, const char USER *path, unsigned mode, unsigned rdev)
{
    struct place p;
    unsigned type = mode & S_IFMT ? mode & S_IFMT : S_IFREG;
    if (type == S_IFDIR)
        return -EPERM;
    if (type != S_IFREG && type != S_IFCHR && type != S_IFBLK && type != S_IFIFO && type != S_IFSOCK)
        return -EINVAL;
    int r = place_get(dir, path, &p);
    return place_put(&p, r ? r : tree_make(p.base, p.path, type | masked(mode), rdev));
}

long sys_mknod(const char USER *path, unsigned mode, unsigned rdev)
{
    return sys_mknodat(AT_FDCWD, path, mode, rdev);
}

long sys_unlinkat(int dir, const char USER *path, int flags)
{
    struct place p;
    if (flags & ~AT_REMOVEDIR)
        return -EINVAL;
    int r = place_get(dir, path, &p);
    return place_put(&p, r ? r : tree_unlink(p.base, p.path, flags & AT_REMOVEDIR));
}

long sys_unlink(const char USER *path)
{
    return sys_unlinkat(AT_FDCWD, path, 0);
}

long sys_rmdir(const char USER *path)
{
    return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

long sys_renameat2(int old_dir, const char USER *old, int new_dir, const char USER *new, int flags)
{
    struct place a, b = {0};
    int r = place_get(old_dir, old, &a);
    if (!r)
        r = place_get(new_dir, new, &b);
    if (!r)
        r = tree_rename(a.base, a.path, b.base, b.path, (unsigned)flags);
    place_put(&b, 0);
    return place_put(&a, r);
}

long sys_renameat(int old_dir, const char USER *old, int new_dir, const char USER *new)
{
    return sys_renameat2(old_dir, old, new_dir, new, 0);
}

long sys_rename(const char USER *old, const char USER *new)
{
    return sys_renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}

long sys_linkat(int old_dir, const char USER *old, int new_dir, const char USER *new, int flags)
{
    struct place b;
    struct node *n;
    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int r = node_at(old_dir, old, (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) | (flags & AT_EMPTY_PATH), &n);
    if (r)
        return r;
    r = place_get(new_dir, new, &b);
    if (!r)
        r = tree_link(n, b.base, b.path);
    node_put(n);
    return place_put(&b, r);
}

long sys_link(const char USER *old, const char USER *new)
{
    return sys_linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}

long sys_symlinkat(const char USER *target, int dir, const char USER *path)
{
    struct place p;
    char *text;
    int r = path_from_user(target, &text);
    if (r)
        return r;
    r = place_get(dir, path, &p);
    if (!r)
        r = tree_symlink(p.base, p.path, text);
    kfree(text);
    return place_put(&p, r);
}

long sys_symlink(const char USER *target, const char USER *path)
{
    return sys_symlinkat(target, AT_FDCWD, path);
}

long sys_readlinkat(int dir, const char USER *path, void USER *buf, size_t size)
{
    struct node *n;
    if ((long)size <= 0)
        return -EINVAL;
    int r = node_at(dir, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &n);
    if (r)
        return r;
    char *text = S_TYPE(n->mode) == S_IFLNK ? kmalloc(TREE_PATH_MAX) : NULL;
    tree_lock();
    long length = S_TYPE(n->mode) != S_IFLNK ? -EINVAL : text ? link_target(n, text, TREE_PATH_MAX) : -ENOMEM;
    if (length > 0)
        node_accessed(n);
    tree_unlock();
    node_put(n);
    if (length > 0) {
        length = (size_t)length < size ? length : (long)size;
        if (copy_to_user(buf, text, (size_t)length))
            length = -EFAULT;
    }
    kfree(text);
    return length;
}

long sys_readlink(const char USER *path, void USER *buf, size_t size)
{
    return sys_readlinkat(AT_FDCWD, path, buf, size);
}

long sys_getcwd(void USER *buf, size_t size)
{
    char *text = kmalloc(TREE_PATH_MAX);
    if (!text)
        return -ENOMEM;
    long n = tree_path(current_fs()->cwd, text, size < TREE_PATH_MAX ? size : TREE_PATH_MAX);
    if (n >= 0)
        n = copy_to_user(buf, text, (size_t)n + 1) ? -EFAULT : n + 1;
    kfree(text);
    return n;
}

static void replace(struct node **place, struct node *n)
{
    tree_lock();
    struct node *old = *place;
    *place = n;
    tree_unlock();
    node_put(old);
}

static int may_enter(const struct node *n)
{
    return S_TYPE(n->mode) == S_IFDIR ? node_permits(n, MAY_SEARCH) : -ENOTDIR;
}

static int directory_get(const char USER *path, struct node **ret)
{
    int r = node_at(AT_FDCWD, path, 0, ret);
    if (r)
        return r;
    r = may_enter(*ret);
    if (r)
        node_put(*ret);
    return r;
}

long sys_chdir(const char USER *path)
{
    struct node *n;
    int r = directory_get(path, &n);
    if (!r)
        replace(&current_fs()->cwd, n);
    return r;
}

long sys_chroot(const char USER *path)
{
    struct node *n;
    int r = directory_get(path, &n);
    if (r)
        return r;
    if (!capable(CAP_SYS_CHROOT)) {
        node_put(n);
        return -EPERM;
    }
    replace(&current_fs()->root, n);
    return 0;
}

long sys_fchdir(int fd)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    int r = f->node ? may_enter(f->node) : -ENOTDIR;
    if (!r)
        replace(&current_fs()->cwd, node_get(f->node));
    file_put(f);
    return r;
}

struct dirent_head { // struct linux_dirent64 without its name
    uint64_t ino;
    int64_t offset;
    uint16_t length;
    uint8_t type;
} __attribute__((packed));

struct old_dirent_head { // struct linux_dirent without its name; its type is the last byte
    uint64_t ino;
    int64_t offset;
    uint16_t length;
} __attribute__((packed));

struct listing {
    char USER *to;
    size_t room, used;
    int result;
    bool old; // getdents, not getdents64
};

// Into `record`, which is zero; its size.
static size_t make_record(char *record, const struct node *n, uint64_t cookie, const char *name, size_t length, bool old)
{
    size_t head = old ? sizeof(struct old_dirent_head) : sizeof(struct dirent_head);
    size_t size = (head + length + (old ? 2 : 1) + 7) & ~7ul;
    uint8_t type = (uint8_t)(S_TYPE(n->mode) >> 12);
    if (old) {
        const struct old_dirent_head h = {n->ino, (int64_t)cookie, (uint16_t)size};
        memcpy(record, &h, sizeof(h));
        record[size - 1] = (char)type;
    } else {
        const struct dirent_head h = {n->ino, (int64_t)cookie, (uint16_t)size, type};
        memcpy(record, &h, sizeof(h));
    }
    memcpy(record + head, name, length);
    return size;
}

// One record; false when there is no room (or the buffer is bad).
static bool emit(struct listing *l, const struct node *n, uint64_t cookie, const char *name, size_t length)
{
    char record[sizeof(struct dirent_head) + TREE_NAME_MAX + 8] = {0};
    size_t size = make_record(record, n, cookie, name, length, l->old);
    if (size > l->room - l->used) {
        l->result = l->used ? 0 : -EINVAL;
        return false;
    }
    if (copy_to_user(l->to + l->used, record, size)) {
        l->result = -EFAULT;
        return false;
    }
    l->used += size;
    return true;
}

static void list(struct listing *l, struct node *dir, uint64_t *position)
{
    uint64_t at = *position;
    if (at < 1) {
        if (!emit(l, dir, 1, ".", 1))
            return;
        at = *position = 1;
    }
    if (at < 2) {
        if (!emit(l, dir->directory.parent, 2, "..", 2))
            return;
        at = *position = 2;
    }
    for (struct entry *e = directory_next(dir, at); e; e = e->in_order) {
        if (!emit(l, e->node, e->cookie, e->name, e->length))
            return;
        *position = e->cookie;
    }
}

static long read_directory(int fd, void USER *buf, size_t size, bool old)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    struct listing l = {.to = buf, .room = size < 0x7fffffff ? size : 0x7fffffff, .old = old};
    int r = f->node && S_TYPE(f->node->mode) == S_IFDIR && file_readable(f) ? 0 : -ENOTDIR;
    if (!r) {
        mutex_lock(&f->position_lock);
        tree_lock();
        r = f->node->nlink ? directory_complete(f->node) : -ENOENT; // it was removed
        if (!r)
            list(&l, f->node, &f->position);
        tree_unlock();
        mutex_unlock(&f->position_lock);
        if (!r) {
            file_accessed(f);
            notify_node(f->node, IN_ACCESS);
        }
    }
    file_put(f);
    return r ? r : l.result ? l.result : (long)l.used;
}

long sys_getdents64(int fd, void USER *buf, size_t size)
{
    return read_directory(fd, buf, size, /* old= */ false);
}

long sys_getdents(int fd, void USER *buf, unsigned size)
{
    return read_directory(fd, buf, size, /* old= */ true);
}
