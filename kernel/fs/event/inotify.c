// SPDX-License-Identifier: MIT
#include "kernel/fs/event/inotify.h"

#include <stdbool.h>

#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>
#include <linux/poll.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

enum { EVENTS_MOST = 16384 }; // as Linux's max_queued_events

struct event {
    struct event *next;
    struct inotify_event head; // last: the name follows it
};

struct inotify {
    struct mutex lock;
    /* guarded by lock: */
    struct event *first, *last;
    unsigned count, bytes; // bytes as they are read
    struct waitq can_read;
    int last_number; // guarded by the lock of the watches
};

static void append(struct inotify *i, struct event *e)
{
    if (i->last)
        i->last->next = e;
    else
        i->first = e;
    i->last = e;
    i->count++;
    i->bytes += (unsigned)sizeof(e->head) + e->head.len;
}

static bool is_same(const struct event *a, const struct event *b)
{
    return a && a->head.wd == b->head.wd && a->head.mask == b->head.mask && a->head.cookie == b->head.cookie &&
           a->head.len == b->head.len && !memcmp(a->head.name, b->head.name, b->head.len);
}

static struct event *event_new(int wd, uint32_t mask, uint32_t cookie, const char *name, size_t length)
{
    const size_t unit = sizeof(struct inotify_event); // names are padded to multiples of it
    size_t room = name ? (length + unit) / unit * unit : 0;
    struct event *e = kzalloc(sizeof(*e) + room);
    if (!e)
        return NULL;
    e->head = (struct inotify_event){.wd = wd, .mask = mask, .cookie = cookie, .len = (uint32_t)room};
    if (name)
        memcpy(e->head.name, name, length);
    return e;
}

// What does not fit any more is told once: IN_Q_OVERFLOW. Out of memory counts as that.
void inotify_tell(struct inotify *i, int wd, uint32_t mask, uint32_t cookie, const char *name, size_t length)
{
    mutex_lock(&i->lock);
    struct event *e = i->count < EVENTS_MOST ? event_new(wd, mask, cookie, name, length) : NULL;
    if (!e && (!i->last || i->last->head.mask != IN_Q_OVERFLOW))
        e = event_new(-1, IN_Q_OVERFLOW, 0, NULL, 0);
    bool told = e && !is_same(i->last, e);
    if (told)
        append(i, e);
    else
        kfree(e);
    mutex_unlock(&i->lock);
    if (told)
        waitq_wake(&i->can_read, UINT32_MAX);
}

// Whole events, as many as fit. 0: none is there, -EINVAL: not even the first fits.
static long take(struct inotify *i, char *to, size_t size)
{
    size_t done = 0;
    while (i->first) {
        struct event *e = i->first;
        size_t length = sizeof(e->head) + e->head.len;
        if (length > size - done)
            return done ? (long)done : -EINVAL;
        memcpy(to + done, &e->head, length);
        done += length;
        i->first = e->next;
        if (!i->first)
            i->last = NULL;
        i->count--;
        i->bytes -= (unsigned)length;
        kfree(e);
    }
    return (long)done;
}

static long inotify_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct inotify *i = f->context;
    for (;;) {
        mutex_lock(&i->lock);
        long n = take(i, to, size);
        mutex_unlock(&i->lock);
        if (n)
            return n;
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int r = wait_event(&i->can_read, __atomic_load_n(&i->count, __ATOMIC_ACQUIRE), UINT64_MAX);
        if (r)
            return r;
    }
}

static unsigned inotify_poll(struct file *f, struct poll_table *table)
{
    struct inotify *i = f->context;
    poll_wait(table, &i->can_read);
    return __atomic_load_n(&i->count, __ATOMIC_ACQUIRE) ? POLLIN | POLLRDNORM : 0;
}

static long inotify_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    const struct inotify *i = f->context;
    if (request != FIONREAD)
        return -ENOTTY;
    int n = (int)__atomic_load_n(&i->bytes, __ATOMIC_RELAXED);
    return copy_to_user((void USER *)argument, &n, sizeof(n));
}

static void inotify_release(struct file *f)
{
    struct inotify *i = f->context;
    if (!i)
        return;
    watch_remove_all(i);
    for (struct event *e = i->first, *next; e; e = next) {
        next = e->next;
        kfree(e);
    }
    kfree(i);
}

static const struct file_ops inotify_ops = {
    .stream = true,
    .signals_io = true,
    .read = inotify_read,
    .poll = inotify_poll,
    .ioctl = inotify_ioctl,
    .release = inotify_release,
};

struct inotify *inotify_of(const struct file *f)
{
    return f->ops == &inotify_ops ? f->context : NULL;
}

int inotify_number(struct inotify *i)
{
    return ++i->last_number;
}

int inotify_new(uint32_t flags, struct file **ret)
{
    struct inotify *i = kzalloc(sizeof(*i));
    struct file *f = i ? file_new(&inotify_ops, O_RDONLY | flags, NULL) : NULL;
    if (!f) {
        kfree(i);
        return -ENOMEM;
    }
    f->context = i;
    f->name = "anon_inode:inotify";
    *ret = f;
    return 0;
}
