// SPDX-License-Identifier: MIT
#include "kernel/vfs/open.h"

#include <asm/stat.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/inotify.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/lease.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/resolve.h"
#include "kernel/vfs/text_busy.h"
#include "kernel/vfs/tree.h"

static long directory_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    return -EISDIR;
}

static const struct file_ops directory_ops = {.read = directory_read};
static const struct file_ops path_ops = {0}; // O_PATH

static const struct file_ops *ops_of(const struct node *n)
{
    switch (S_TYPE(n->mode)) {
    case S_IFREG:
        return n->ops ? n->ops : &regular_ops;
    case S_IFDIR:
        return &directory_ops;
    default:
        return n->ops;
    }
}

static size_t name_length(const char *at)
{
    const char *slash = strchr(at, '/');
    return slash ? (size_t)(slash - at) : strlen(at);
}

static bool is_name(const char *at, size_t length)
{
    return length && !(at[0] == '.' && (length == 1 || (length == 2 && at[1] == '.')));
}

// Nothing but names between its slashes?
static bool is_plain(const char *path)
{
    path += *path == '/' && path[1];
    for (const char *at = path;; at++) {
        size_t length = name_length(at);
        if (!is_name(at, length))
            return !strcmp(path, "/");
        at += length;
        if (!*at)
            return true;
    }
}

// Dots and superfluous slashes go out of an absolute path, which has no links on its way.
static void straighten(char *path)
{
    size_t used = 0;
    for (const char *at = path; *at; at += *at == '/') {
        size_t length = name_length(at);
        if (is_name(at, length)) {
            path[used++] = '/';
            memmove(path + used, at, length);
            used += length;
        } else if (length == 2) {
            while (used && path[--used] != '/')
                ;
        }
        at += length;
    }
    used += !used;
    path[0] = '/';
    path[used] = 0;
}

static char *text_of_path(struct node *base, const char *path)
{
    char *text = kmalloc(TREE_PATH_MAX * 2);
    if (!text)
        return NULL;
    int n = 0;
    if (path[0] != '/' && base)
        n = tree_path(base, text, TREE_PATH_MAX);
    if (n < 0)
        n = 0;
    snprintf(text + n, TREE_PATH_MAX, "%s%s", n && text[n - 1] == '/' ? "" : path[0] == '/' ? "" : "/", path);
    char *exact = krealloc(NULL, strlen(text) + 1);
    if (exact)
        memcpy(exact, text, strlen(text) + 1);
    kfree(text);
    return exact;
}

// Absolute path of what was opened, for /proc/self/fd and messages: as it was written, unless there were links or dots on the way.
static char *absolute(struct node *base, const char *path, bool links, bool follow)
{
    if (!links && is_plain(path))
        return text_of_path(base, path);
    char *resolved = kmalloc(TREE_PATH_MAX * 2);
    if (!resolved)
        return NULL;
    int r = resolve_path(base, path, 0, follow, resolved, TREE_PATH_MAX * 2);
    char *text = text_of_path(base, r ? path : resolved);
    if (text && !r)
        straighten(text);
    kfree(resolved);
    return text;
}

static int check_open(const struct node *n, uint32_t flags)
{
    bool dir = S_TYPE(n->mode) == S_IFDIR;
    if ((flags & O_DIRECTORY) && !dir)
        return -ENOTDIR;
    if (flags & O_PATH)
        return 0;
    if (S_TYPE(n->mode) == S_IFLNK)
        return -ELOOP;
    if (dir && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT)))
        return -EISDIR;
    return ops_of(n) ? 0 : -ENXIO;
}

static int permits_open(const struct node *n, uint32_t flags)
{
    const uint32_t mode = flags & O_ACCMODE;
    if (flags & O_PATH)
        return 0;
    int r = node_permits(n, (mode != O_WRONLY ? MAY_READ : 0u) | (mode != O_RDONLY || flags & O_TRUNC ? MAY_WRITE : 0u));
    return !r && flags & O_NOATIME && !node_is_owned(n) ? -EPERM : r;
}

// Content that is being run is not written to.
static int begin_write(struct file *f)
{
    if (!file_writable(f) || f->ops != &regular_ops)
        return 0;
    int r = text_begin_write(f->node);
    f->writes = !r;
    return r;
}

// Also of who opens for reading only.
static int empty(struct file *f)
{
    if (!f->ops->truncate)
        return 0;
    int r = text_begin_write(f->node);
    if (r)
        return r;
    r = f->ops->truncate(f, 0);
    text_end_write(f->node);
    return r;
}

// Who has a lease is asked first.
static int break_lease(struct node *n, uint32_t flags)
{
    if (flags & O_PATH || S_TYPE(n->mode) != S_IFREG)
        return 0;
    return lease_break(n, (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC, !(flags & O_NONBLOCK));
}

int file_open_node(struct node *n, uint32_t flags, struct file **ret)
{
    int r = check_open(n, flags);
    if (!r)
        r = break_lease(n, flags);
    if (r)
        return r;
    struct file *f = file_new(flags & O_PATH ? &path_ops : ops_of(n), flags, n);
    if (!f)
        return -ENOMEM;
    f->context = n->context;
    r = begin_write(f);
    if (!r && f->ops->open)
        r = f->ops->open(f);
    if (!r && (flags & O_TRUNC) && !(flags & O_PATH))
        r = empty(f);
    if (r) {
        file_put(f);
        return r;
    }
    if (notify_wanted())
        file_tell(f, IN_OPEN);
    *ret = f;
    return 0;
}

// O_TMPFILE: a file without a name, in the file system of a directory.
static int open_nameless(struct node *base, const char *path, uint32_t flags, unsigned mode, struct file **ret)
{
    struct node *dir;
    if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_CREAT))
        return -EINVAL;
    int r = tree_walk(base, path, WALK_FOLLOW | WALK_DIRECTORY, &dir);
    if (r)
        return r;
    r = node_permits(dir, MAY_WRITE | MAY_SEARCH);
    struct node *n = r ? NULL : tree_nameless(dir, mode & ~current_fs()->umask);
    if (n)
        n->nameless = !(flags & O_EXCL);
    r = n ? file_open_node(n, flags & ~(uint32_t)(O_DIRECTORY | O_EXCL), ret) : r ? r : -ENOMEM;
    char name[sizeof("/#18446744073709551615" FILE_DELETED)];
    char *at = r ? NULL : absolute(base, path, /* links= */ true, /* follow= */ true);
    if (!r)
        (*ret)->flags |= O_DIRECTORY; // as F_GETFL tells it: O_TMPFILE contains it
    if (at) {
        size_t size = strlen(at) + sizeof(name);
        snprintf(name, sizeof(name), "/#%lu" FILE_DELETED, n->ino);
        (*ret)->path = kmalloc(size);
        if ((*ret)->path) // only for names in /proc and messages
            snprintf((*ret)->path, size, "%s%s", at, name);
    }
    kfree(at);
    node_put(n);
    node_put(dir);
    return r;
}

int file_open_at(struct node *base, const char *path, uint32_t flags, unsigned mode, struct file **ret)
{
    struct node *n;
    unsigned links = 0;
    bool created = false, follow = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
    int r;
    if ((flags & O_TMPFILE) == O_TMPFILE && !(flags & O_PATH))
        return open_nameless(base, path, flags, mode, ret);
    if ((flags & O_CREAT) && !(flags & O_PATH)) {
        if (flags & O_DIRECTORY)
            return -EINVAL;
        mode &= ~current_fs()->umask;
        r = tree_create(base, path, mode, flags & O_EXCL, follow, &n, &created);
    } else {
        r = tree_walk_counting(base, path, follow ? WALK_FOLLOW : 0, &n, &links);
    }
    if (r)
        return r;
    r = created ? 0 : check_open(n, flags);
    if (!r && !created)
        r = permits_open(n, flags);
    if (!r)
        r = file_open_node(n, created ? flags & ~(uint32_t)(O_TRUNC | O_CREAT) : flags, ret);
    if (!r)
        (*ret)->path = absolute(base, path, links, follow);
    node_put(n);
    return r;
}

// It need not be readable. To open a pipe could mean to wait for somebody.
int node_open_program(struct node *n, struct file **ret)
{
    if (S_TYPE(n->mode) == S_IFDIR)
        return -EISDIR;
    int r = S_TYPE(n->mode) == S_IFREG ? node_permits(n, MAY_EXECUTE) : S_TYPE(n->mode) == S_IFLNK ? -ELOOP : -EACCES;
    return r ? r : file_open_node(n, O_RDONLY, ret);
}

int file_open_program(struct node *base, const char *path, bool follow, struct file **ret)
{
    struct node *n;
    unsigned links;
    int r = tree_walk_counting(base, path, follow ? WALK_FOLLOW : 0, &n, &links);
    if (r)
        return r;
    r = node_open_program(n, ret);
    if (!r)
        (*ret)->path = absolute(base, path, links, follow);
    node_put(n);
    return r;
}

int vfs_open_program(const char *path, struct file **ret)
{
    struct fs_state *fs = current_fs();
    return file_open_program(fs ? fs->cwd : NULL, path, /* follow= */ true, ret);
}

int vfs_open(const char *path, int flags, unsigned mode, struct file **ret_file)
{
    struct fs_state *fs = current_fs();
    return file_open_at(fs ? fs->cwd : NULL, path, (uint32_t)flags, mode, ret_file);
}
