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
#include "kernel/trace/log.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/lease.h"
#include "kernel/vfs/lock.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/resize.h"
#include "kernel/vfs/seal.h"
#include "kernel/vfs/signal_io.h"
#include "kernel/vfs/size_limit.h"
#include "kernel/vfs/text_busy.h"

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

const struct file_ops regular_ops = {.read = regular_read, .write = regular_write, .truncate = regular_truncate};

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

void file_tell(const struct file *f, uint32_t event)
{
    uint32_t type = f->node ? S_TYPE(f->node->mode) : 0;
    if ((type == S_IFREG && f->ops == &regular_ops) || type == S_IFDIR || type == S_IFIFO)
        if (!(f->flags & O_PATH))
            notify_node(f->node, event);
}

static void tell_closed(const struct file *f)
{
    file_tell(f, file_writable(f) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
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
        file_tell(f, IN_ACCESS);
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
        file_tell(f, IN_MODIFY);
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
        file_tell(f, IN_ACCESS);
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
    size_t length = strlen(s), mark = sizeof(FILE_DELETED) - 1;
    if (f->name && f->node && f->name[strlen(f->name) - 1] == ':') {
        int n = snprintf(to, size, "%s[%lu]", f->name, f->node->ino);
        return (size_t)n < size ? n : -ENAMETOOLONG;
    }
    bool gone = f->path && f->node && !f->node->nlink && (length < mark || strcmp(s + length - mark, FILE_DELETED));
    int n = snprintf(to, size, "%s%s", s, gone ? FILE_DELETED : "");
    return (size_t)n < size ? n : -ENAMETOOLONG;
}

int memory_file_new(uint64_t size, const char *name, struct file **ret_file)
{
    struct node *n = node_new(S_IFREG | 0777);
    struct file *f = n ? file_new(&regular_ops, O_RDWR, n) : NULL;
    char *path = f ? kmalloc(strlen(name) + sizeof(FILE_DELETED)) : NULL;
    if (path) {
        snprintf(path, strlen(name) + sizeof(FILE_DELETED), "%s" FILE_DELETED, name);
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
