// SPDX-License-Identifier: MIT
//
// Open file descriptions.
#include "kernel/vfs/open_file.h"

#include <asm/stat.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/inotify.h>
#include <linux/mman.h>

#include "kernel/fs/event/epoll.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/object.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/trace/log.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/lease.h"
#include "kernel/vfs/lock.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/resize.h"
#include "kernel/vfs/resolve.h"
#include "kernel/vfs/seal.h"
#include "kernel/vfs/signal_io.h"
#include "kernel/vfs/size_limit.h"
#include "kernel/vfs/text_busy.h"
#include "kernel/vfs/tree.h"

#define DELETED " (deleted)" // as /proc names what has no name

static bool damage_said; // of any file

bool file_damage_said(void)
{
    return __atomic_load_n(&damage_said, __ATOMIC_RELAXED);
}

long file_checked(const struct file *f, long n)
{
    if (n == -EIO && !__atomic_exchange_n(&f->node->content.damage_said, true, __ATOMIC_RELAXED)) {
        __atomic_store_n(&damage_said, true, __ATOMIC_RELAXED);
        log_line("myst: %s: content does not match the measured root filesystem", f->path ? f->path : "a file");
    }
    return n;
}

static long regular_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    return file_checked(f, content_read(f->node, to, size, offset));
}

static long regular_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct node *n = f->node;
    object_enter(n);
    if (f->flags & O_APPEND)
        offset = n->size;
    long done = seal_check_write(n, offset, size);
    if (!done)
        done = size_limit_write(offset, size);
    if (done > 0)
        done = content_write(n, from, (size_t)done, offset);
    if (done > 0) {
        n->mode = mode_after_write(n->mode);
        node_touch(n);
    }
    object_leave(n);
    return done;
}

static int regular_truncate(struct file *f, uint64_t size)
{
    return node_resize(f->node, size);
}

static const struct file_ops regular_ops = {.read = regular_read, .write = regular_write, .truncate = regular_truncate};
static long directory_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    return -EISDIR;
}
static const struct file_ops directory_ops = {.read = directory_read};
static const struct file_ops path_ops = {0}; // O_PATH

struct file *file_new(const struct file_ops *ops, uint32_t flags, struct node *node)
{
    struct file *f = kzalloc(sizeof(*f));
    if (!f)
        return NULL;
    f->ops = ops;
    f->references = 1;
    f->flags = flags;
    f->node = node ? node_get(node) : NULL;
    if (node)
        __atomic_add_fetch(&node->opens, 1, __ATOMIC_ACQ_REL);
    return f;
}

struct file *file_get(struct file *f)
{
    __atomic_add_fetch(&f->references, 1, __ATOMIC_RELAXED);
    return f;
}

// Devices and generated files come and go in silence, as do O_PATH descriptors.
static void tell(const struct file *f, uint32_t event)
{
    uint32_t type = f->node ? S_TYPE(f->node->mode) : 0;
    if ((type == S_IFREG && f->ops == &regular_ops) || type == S_IFDIR || type == S_IFIFO)
        if (!(f->flags & O_PATH))
            notify_node(f->node, event);
}

static void tell_closed(const struct file *f)
{
    tell(f, file_writable(f) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
    notify_if_gone(f->node);
}

struct file *file_get_alive(struct file *f)
{
    uint64_t n = __atomic_load_n(&f->references, __ATOMIC_RELAXED);
    while (n && !__atomic_compare_exchange_n(&f->references, &n, n + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        ;
    return n ? f : NULL;
}

static void release(struct file *f)
{
    signal_io_end(f);
    if (f->ops->release)
        f->ops->release(f);
    lock_released(f);
    if (f->node && notify_wanted())
        tell_closed(f);
    lease_released(f);
    if (f->writes)
        text_end_write(f->node);
    if (f->node)
        __atomic_sub_fetch(&f->node->opens, 1, __ATOMIC_ACQ_REL);
    node_put(f->node);
    kfree(f->path);
    kfree(f);
}

#define BORROWED (1ul << 32)

struct file *file_borrow(struct file *f)
{
    __atomic_add_fetch(&f->references, BORROWED + 1, __ATOMIC_RELAXED);
    return f;
}

void file_give_back(struct file *f)
{
    if (!__atomic_sub_fetch(&f->references, BORROWED + 1, __ATOMIC_ACQ_REL))
        release(f);
}

bool file_is_closed(const struct file *f)
{
    uint64_t n = __atomic_load_n(&f->references, __ATOMIC_ACQUIRE);
    return (uint32_t)n == n / BORROWED;
}

// As long as the epolls are told, the reference is one of the borrowed.
static void put_borrowed(struct file *f)
{
    __atomic_add_fetch(&f->references, BORROWED, __ATOMIC_RELAXED);
    if (file_is_closed(f))
        epoll_forget(f);
    file_give_back(f);
}

void file_put(struct file *f)
{
    if (!f)
        return;
    if (__builtin_expect(__atomic_load_n(&f->references, __ATOMIC_RELAXED) >= BORROWED, 0))
        put_borrowed(f);
    else if (!__atomic_sub_fetch(&f->references, 1, __ATOMIC_ACQ_REL))
        release(f);
}

void file_put_mapped(struct file *f)
{
    if (f && f->ops->unmapped)
        f->ops->unmapped(f);
    file_put(f);
}

uint32_t file_references(const struct file *f)
{
    return (uint32_t)__atomic_load_n(&f->references, __ATOMIC_RELAXED);
}

bool file_is_last(const struct file *f)
{
    return __atomic_load_n(&f->references, __ATOMIC_RELAXED) == 1 && f->node && !f->node->nlink &&
           __atomic_load_n(&f->node->references, __ATOMIC_RELAXED) == 1;
}

bool file_has_content(const struct file *f)
{
    return f->ops == &regular_ops;
}

bool file_readable(const struct file *f)
{
    return !(f->flags & O_PATH) && (f->flags & O_ACCMODE) != O_WRONLY;
}

bool file_writable(const struct file *f)
{
    return !(f->flags & O_PATH) && (f->flags & O_ACCMODE) != O_RDONLY;
}

int file_may_map(struct file *f, int prot, int flags)
{
    if (!file_readable(f))
        return -EACCES;
    if (f->ops != &regular_ops && !file_is_zero_device(f))
        return -ENODEV;
    if ((flags & MAP_TYPE) != MAP_PRIVATE && (prot & PROT_WRITE))
        return !file_writable(f) ? -EACCES : !seal_allows_mapping(f) ? -EPERM : 0;
    return 0;
}

void file_accessed(const struct file *f)
{
    if (f->node && !(f->flags & O_NOATIME))
        node_accessed(f->node);
}

long file_read_at(struct file *f, void *to, size_t size, uint64_t offset)
{
    long n = f->ops->read ? f->ops->read(f, to, size, offset) : -EINVAL;
    if (size && n >= 0 && f->ops == &regular_ops)
        file_accessed(f);
    if (n > 0 && notify_wanted())
        tell(f, IN_ACCESS);
    return n;
}

long file_map_at(struct file *f, void *to, size_t size, uint64_t offset)
{
    if (f->ops->read != regular_read)
        return file_read_at(f, to, size, offset);
    return file_checked(f, content_map(f->node, to, size, offset));
}

bool file_image_place(const struct file *f, struct file_place *ret)
{
    return f->ops->read == regular_read && content_image_place(f->node, &ret->image, &ret->offset);
}

long file_write_at(struct file *f, const void *from, size_t size, uint64_t offset)
{
    long n = f->ops->write ? f->ops->write(f, from, size, offset) : -EINVAL;
    if (n > 0 && notify_wanted())
        tell(f, IN_MODIFY);
    return n;
}

long file_read(struct file *f, void *to, size_t size)
{
    if (f->ops->stream || f->ops->unmoving)
        return file_read_at(f, to, size, 0);
    if (!f->ops->visits)
        mutex_lock(&f->position_lock);
    long n = file_read_at(f, to, size, f->position);
    if (n > 0)
        f->position += (uint64_t)n;
    if (!f->ops->visits)
        mutex_unlock(&f->position_lock);
    return n;
}

size_t file_peek_at(struct file *f, const void **ret, size_t size, uint64_t offset)
{
    size_t n = f->ops == &regular_ops ? content_peek(f->node, size, offset, ret) : 0;
    if (n)
        file_accessed(f);
    if (n && notify_wanted())
        tell(f, IN_ACCESS);
    return n;
}

size_t file_peek(struct file *f, const void **ret, size_t size)
{
    if (f->ops != &regular_ops)
        return 0;
    mutex_lock(&f->position_lock);
    size_t n = file_peek_at(f, ret, size, f->position);
    f->position += n;
    mutex_unlock(&f->position_lock);
    return n;
}

size_t file_claim(struct file *f, size_t size, uint64_t *ret_at)
{
    mutex_lock(&f->position_lock);
    const uint64_t end = file_size(f);
    size_t left = f->position < end ? end - f->position : 0;
    size = size < left ? size : left;
    *ret_at = f->position;
    f->position += size;
    mutex_unlock(&f->position_lock);
    return size;
}

void file_unread(struct file *f, size_t size)
{
    if (!size || f->ops->stream || f->ops->unmoving)
        return;
    mutex_lock(&f->position_lock);
    f->position -= size < f->position ? size : f->position;
    mutex_unlock(&f->position_lock);
}

long file_write(struct file *f, const void *from, size_t size)
{
    if (f->ops->stream || f->ops->unmoving)
        return file_write_at(f, from, size, 0);
    if (!f->ops->visits)
        mutex_lock(&f->position_lock);
    long n = file_write_at(f, from, size, f->position);
    if (n > 0)
        f->position = f->flags & O_APPEND && f->node ? f->node->size : f->position + (uint64_t)n;
    if (!f->ops->visits)
        mutex_unlock(&f->position_lock);
    return n;
}

uint64_t file_size(struct file *f)
{
    return f->node ? f->node->size : 0;
}

long file_origin(struct file *f, int whence)
{
    switch (whence) {
    case SEEK_SET:
        return 0;
    case SEEK_CUR:
        return (long)f->position;
    case SEEK_END:
        return (long)file_size(f);
    default:
        return -EINVAL;
    }
}

uint32_t file_mode(const struct file *f)
{
    return f->node ? f->node->mode : f->ops->mode ? f->ops->mode : 0600;
}

int file_path(struct file *f, char *to, size_t size)
{
    const char *s = f->path ? f->path : f->name ? f->name : "anon_inode:[unknown]";
    size_t length = strlen(s), mark = sizeof(DELETED) - 1;
    if (f->name && f->node && f->name[strlen(f->name) - 1] == ':') {
        int n = snprintf(to, size, "%s[%lu]", f->name, f->node->ino);
        return (size_t)n < size ? n : -ENAMETOOLONG;
    }
    bool gone = f->path && f->node && !f->node->nlink && (length < mark || strcmp(s + length - mark, DELETED));
    int n = snprintf(to, size, "%s%s", s, gone ? DELETED : "");
    return (size_t)n < size ? n : -ENAMETOOLONG;
}

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
        tell(f, IN_OPEN);
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
    char name[sizeof("/#18446744073709551615" DELETED)];
    char *at = r ? NULL : absolute(base, path, /* links= */ true, /* follow= */ true);
    if (!r)
        (*ret)->flags |= O_DIRECTORY; // as F_GETFL tells it: O_TMPFILE contains it
    if (at) {
        size_t size = strlen(at) + sizeof(name);
        snprintf(name, sizeof(name), "/#%lu" DELETED, n->ino);
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

int memory_file_new(uint64_t size, const char *name, struct file **ret_file)
{
    struct node *n = node_new(S_IFREG | 0777);
    struct file *f = n ? file_new(&regular_ops, O_RDWR, n) : NULL;
    char *path = f ? kmalloc(strlen(name) + sizeof(DELETED)) : NULL;
    if (path) {
        snprintf(path, strlen(name) + sizeof(DELETED), "%s" DELETED, name);
        f->path = path;
        n->size = size;
        n->nlink = 0;
        node_touch(n);
        n->atime_ns = n->mtime_ns;
    } else {
        file_put(f);
        f = NULL;
    }
    node_put(n);
    *ret_file = f;
    return f ? 0 : -ENOMEM;
}
