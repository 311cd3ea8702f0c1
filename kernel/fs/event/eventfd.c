// SPDX-License-Identifier: MIT
//
// eventfd(2).
#include "kernel/fs/event/eventfd.h"

#include <linux/errno.h>
#include <asm/fcntl.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

#define EFD_SEMAPHORE 1 // not in the UAPI headers
#define COUNTER_MAX 0xfffffffffffffffeul

struct counter {
    struct mutex lock;
    uint64_t value; // guarded by lock
    bool semaphore; // set once
    struct waitq can_read, can_write;
};

static long eventfd_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct counter *c = f->context;
    if (size < sizeof(uint64_t))
        return -EINVAL;
    for (;;) {
        mutex_lock(&c->lock);
        uint64_t v = c->semaphore && c->value ? 1 : c->value;
        c->value -= v;
        mutex_unlock(&c->lock);
        if (v) {
            waitq_wake(&c->can_write, ~0u);
            memcpy(to, &v, sizeof(v));
            return sizeof(v);
        }
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int r = wait_event(&c->can_read, __atomic_load_n(&c->value, __ATOMIC_ACQUIRE), UINT64_MAX);
        if (r)
            return r;
    }
}

static long eventfd_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct counter *c = f->context;
    uint64_t v;
    if (size < sizeof(v))
        return -EINVAL;
    memcpy(&v, from, sizeof(v));
    if (v > COUNTER_MAX)
        return -EINVAL;
    for (;;) {
        mutex_lock(&c->lock);
        bool fits = v <= COUNTER_MAX - c->value;
        c->value += fits ? v : 0;
        mutex_unlock(&c->lock);
        if (fits) {
            waitq_wake(&c->can_read, ~0u);
            return sizeof(v);
        }
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int r = wait_event(&c->can_write, v <= COUNTER_MAX - __atomic_load_n(&c->value, __ATOMIC_ACQUIRE), UINT64_MAX);
        if (r)
            return r;
    }
}

static unsigned eventfd_poll(struct file *f, struct poll_table *table)
{
    struct counter *c = f->context;
    poll_wait_for(table, &c->can_read, POLLIN);
    poll_wait_for(table, &c->can_write, POLLOUT);
    mutex_lock(&c->lock);
    unsigned events = (c->value ? POLLIN : 0u) | (c->value < COUNTER_MAX ? POLLOUT : 0u);
    mutex_unlock(&c->lock);
    return events;
}

static void eventfd_release(struct file *f)
{
    kfree(f->context);
}

static const struct file_ops eventfd_ops = {
    .stream = true,
    .read_least = sizeof(uint64_t),
    .read = eventfd_read,
    .write = eventfd_write,
    .poll = eventfd_poll,
    .release = eventfd_release,
};

int eventfd_new(unsigned initial, int flags, struct file **ret)
{
    struct counter *c = kzalloc(sizeof(*c));
    struct file *f = c ? file_new(&eventfd_ops, O_RDWR | ((uint32_t)flags & O_NONBLOCK), NULL) : NULL;
    if (!f) {
        kfree(c);
        return -ENOMEM;
    }
    c->value = initial;
    c->semaphore = flags & EFD_SEMAPHORE;
    f->context = c;
    f->name = "anon_inode:[eventfd]";
    *ret = f;
    return 0;
}
