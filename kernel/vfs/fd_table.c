// SPDX-License-Identifier: MIT
#include "kernel/vfs/fd_table.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <asm/resource.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"
#include "kernel/vfs/lock.h"
#include "kernel/vfs/open_file.h"

enum { FIRST_ROOM = 64 };

struct fd_table *fd_table_current(void)
{
    return current_files();
}

int fd_table_new(struct fd_table **ret_table)
{
    struct fd_table *t = kzalloc(sizeof(*t));
    if (!t)
        return -ENOMEM;
    t->references = 1;
    *ret_table = t;
    return 0;
}

struct fd_table *fd_table_get(struct fd_table *t)
{
    __atomic_add_fetch(&t->references, 1, __ATOMIC_RELAXED);
    return t;
}

// A descriptor of the table is gone, and with it the process's record locks of its file.
static void close_file(const struct fd_table *t, struct file *f)
{
    if (f)
        lock_closed(f, t);
    if (f && f->ops->descriptor_closed)
        f->ops->descriptor_closed(f);
    file_put(f);
}

void fd_table_put(struct fd_table *t)
{
    if (!t || __atomic_sub_fetch(&t->references, 1, __ATOMIC_ACQ_REL))
        return;
    for (int i = 0; i < t->room; i++)
        close_file(t, t->slots[i].file);
    kfree(t->slots);
    kfree(t);
}

bool fd_table_is_shared(const struct fd_table *t)
{
    return __atomic_load_n(&t->references, __ATOMIC_ACQUIRE) > 1;
}

static int grow(struct fd_table *t, int wanted)
{
    if (wanted <= t->room)
        return 0;
    int room = t->room ? t->room : FIRST_ROOM;
    while (room < wanted)
        room *= 2;
    struct fd_slot *slots = krealloc(t->slots, (size_t)room * sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    memset(slots + t->room, 0, (size_t)(room - t->room) * sizeof(*slots));
    t->slots = slots;
    t->room = room;
    return 0;
}

int fd_table_put_file(struct fd_table *t, struct file *f, int fd)
{
    int r = grow(t, fd + 1);
    if (r) {
        file_put(f);
        return r;
    }
    file_put(t->slots[fd].file);
    t->slots[fd] = (struct fd_slot){f, 0};
    if (t->lowest_free == fd)
        t->lowest_free = fd + 1;
    return 0;
}

int fd_table_copy(struct fd_table *from, struct fd_table **ret_table)
{
    int r = fd_table_new(ret_table);
    if (r)
        return r;
    mutex_lock(&from->lock);
    r = grow(*ret_table, from->room);
    for (int i = 0; !r && i < from->room; i++)
        if (from->slots[i].file) {
            (*ret_table)->slots[i] = from->slots[i];
            file_get(from->slots[i].file);
        }
    mutex_unlock(&from->lock);
    if (r)
        fd_table_put(*ret_table);
    return r;
}

void fd_table_close_on_exec(struct fd_table *t)
{
    for (int i = 0; i < t->room; i++) {
        struct file *f = NULL;
        mutex_lock(&t->lock);
        if (t->slots[i].file && (t->slots[i].flags & FD_CLOEXEC)) {
            f = t->slots[i].file;
            t->slots[i] = (struct fd_slot){0};
            t->lowest_free = i < t->lowest_free ? i : t->lowest_free;
        }
        mutex_unlock(&t->lock);
        close_file(t, f);
    }
}

struct file *fd_get_in(struct fd_table *t, int fd)
{
    mutex_lock(&t->lock);
    struct file *f = fd >= 0 && fd < t->room ? t->slots[fd].file : NULL;
    if (f)
        file_get(f);
    mutex_unlock(&t->lock);
    return f;
}

struct file *fd_get(int fd)
{
    return fd_get_in(fd_table_current(), fd);
}

struct file *fd_get_io(int fd)
{
    struct file *f = fd_get(fd);
    if (!f || !(f->flags & O_PATH))
        return f;
    file_put(f);
    return NULL;
}

static int limit(void)
{
    uint64_t soft = current_process()->rlimits[RLIMIT_NOFILE][0];
    return soft < FD_LIMIT ? (int)soft : FD_LIMIT;
}

int fd_install(struct file *f, unsigned fd_flags, int lowest)
{
    struct fd_table *t = fd_table_current();
    if (lowest < 0 || lowest >= limit()) {
        file_put(f);
        return -EINVAL;
    }
    mutex_lock(&t->lock);
    int fd = lowest > t->lowest_free ? lowest : t->lowest_free;
    while (fd < t->room && t->slots[fd].file)
        fd++;
    int r = fd >= limit() ? -EMFILE : grow(t, fd + 1);
    if (!r) {
        t->slots[fd] = (struct fd_slot){f, fd_flags};
        if (lowest <= t->lowest_free)
            t->lowest_free = fd + 1;
    }
    mutex_unlock(&t->lock);
    if (r)
        file_put(f);
    return r ? r : fd;
}

int fd_install_at(struct file *f, unsigned fd_flags, int fd)
{
    struct fd_table *t = fd_table_current();
    struct file *old = NULL;
    mutex_lock(&t->lock);
    int r = fd < 0 || fd >= limit() ? -EBADF : grow(t, fd + 1);
    if (!r) {
        old = t->slots[fd].file;
        t->slots[fd] = (struct fd_slot){f, fd_flags};
    }
    mutex_unlock(&t->lock);
    if (r)
        file_put(f);
    else
        close_file(t, old);
    return r;
}

int fd_close(int fd)
{
    struct fd_table *t = fd_table_current();
    mutex_lock(&t->lock);
    struct file *f = fd >= 0 && fd < t->room ? t->slots[fd].file : NULL;
    if (f) {
        t->slots[fd] = (struct fd_slot){0};
        t->lowest_free = fd < t->lowest_free ? fd : t->lowest_free;
    }
    mutex_unlock(&t->lock);
    close_file(t, f);
    return f ? 0 : -EBADF;
}

static int change_flags(int fd, bool set, unsigned flags)
{
    struct fd_table *t = fd_table_current();
    mutex_lock(&t->lock);
    bool open = fd >= 0 && fd < t->room && t->slots[fd].file;
    int r = open ? (int)t->slots[fd].flags : -EBADF;
    if (open && set)
        t->slots[fd].flags = flags;
    mutex_unlock(&t->lock);
    return r;
}

int fd_get_flags(int fd)
{
    return change_flags(fd, false, 0);
}

int fd_set_flags(int fd, unsigned flags)
{
    int r = change_flags(fd, true, flags);
    return r < 0 ? r : 0;
}

void fd_for_each(struct fd_table *t, void (*each)(int fd, struct file *f, void *context), void *context)
{
    mutex_lock(&t->lock);
    for (int i = 0; i < t->room; i++)
        if (t->slots[i].file)
            each(i, t->slots[i].file, context);
    mutex_unlock(&t->lock);
}
