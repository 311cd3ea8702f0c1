// SPDX-License-Identifier: MIT
//
// timerfd_create(2). A descriptor that nobody reads costs nothing: after an expiry the timer rests until it is looked
// at (kernel/time/interval.h), and the periods that passed are counted then.
#include "kernel/fs/event/timerfd.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/timerfd.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/time/interval.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

struct timerfd {
    struct interval_timer interval; // first; it and the next guarded by timers_lock
    uint64_t expiries;              // not read yet
    enum timer_clock clock;         // set once
    struct waitq can_read;
};

static const struct file_ops timerfd_ops;

static void expired(struct timer *timer)
{
    struct timerfd *t = (struct timerfd *)timer;
    interval_expired(&t->interval);
    __atomic_store_n(&t->expiries, t->expiries + 1, __ATOMIC_RELEASE);
    (void)waitq_wake(&t->can_read, UINT32_MAX);
}

// What passed while the timer rested. The first of the periods resumed is the one still to come, counted when it
// expires.
static uint64_t take(struct timerfd *t)
{
    timers_lock();
    timer_look(&t->interval.timer);
    uint64_t n = t->expiries;
    uint64_t periods = n ? interval_resume(&t->interval) : 0;
    t->expiries = 0;
    timers_unlock();
    return periods ? n + periods - 1 : n;
}

static long timerfd_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct timerfd *t = f->context;
    if (size < sizeof(uint64_t))
        return -EINVAL;
    for (;;) {
        uint64_t n = take(t);
        if (n) {
            memcpy(to, &n, sizeof(n));
            return sizeof(n);
        }
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int r = wait_event(&t->can_read, __atomic_load_n(&t->expiries, __ATOMIC_ACQUIRE), UINT64_MAX);
        if (r)
            return r;
    }
}

static unsigned timerfd_poll(struct file *f, struct poll_table *table)
{
    struct timerfd *t = f->context;
    poll_wait(table, &t->can_read);
    if (!__atomic_load_n(&t->expiries, __ATOMIC_ACQUIRE)) {
        timers_lock();
        timer_look(&t->interval.timer);
        timers_unlock();
    }
    return __atomic_load_n(&t->expiries, __ATOMIC_ACQUIRE) ? POLLIN | POLLRDNORM : 0;
}

// The ticks that the next read gives, as a checkpoint restores them.
static long timerfd_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    struct timerfd *t = f->context;
    uint64_t ticks;
    if (request != TFD_IOC_SET_TICKS)
        return -ENOTTY;
    if (copy_from_user(&ticks, (const void USER *)argument, sizeof(ticks)))
        return -EFAULT;
    if (!ticks)
        return -EINVAL;
    timers_lock();
    __atomic_store_n(&t->expiries, ticks, __ATOMIC_RELEASE);
    timers_unlock();
    (void)waitq_wake(&t->can_read, UINT32_MAX);
    return 0;
}

static void timerfd_release(struct file *f)
{
    struct timerfd *t = f->context;
    if (!t)
        return;
    timers_lock();
    timer_disarm(&t->interval.timer);
    timers_unlock();
    kfree(t);
}

static const struct file_ops timerfd_ops = {
    .stream = true,
    .read_least = sizeof(uint64_t),
    .read = timerfd_read,
    .poll = timerfd_poll,
    .ioctl = timerfd_ioctl,
    .release = timerfd_release,
};

int timerfd_new(int clock, int flags, struct file **ret)
{
    enum timer_clock stands_on;
    int r = interval_clock(clock, &stands_on);
    if (r)
        return r;
    struct timerfd *t = kzalloc(sizeof(*t));
    struct file *f = t ? file_new(&timerfd_ops, O_RDWR | ((uint32_t)flags & O_NONBLOCK), NULL) : NULL;
    if (!f) {
        kfree(t);
        return -ENOMEM;
    }
    t->clock = stands_on;
    t->interval.timer.fire = expired;
    f->context = t;
    f->name = "anon_inode:[timerfd]";
    *ret = f;
    return 0;
}

// Counts what passed while it rested, so that the time to the next expiry is that of a running timer.
static void look(struct timerfd *t)
{
    uint64_t periods = interval_resume(&t->interval);
    if (periods)
        t->expiries += periods - 1;
}

int timerfd_set(struct file *f, bool absolute, const struct interval_setting *setting, struct interval_setting *ret_old)
{
    if (f->ops != &timerfd_ops)
        return -EINVAL;
    struct timerfd *t = f->context;
    timers_lock();
    look(t);
    interval_get(&t->interval, ret_old);
    t->expiries = 0;
    int r = interval_set(&t->interval, t->clock, absolute, setting);
    timers_unlock();
    return r;
}

int timerfd_get(struct file *f, struct interval_setting *ret_setting)
{
    if (f->ops != &timerfd_ops)
        return -EINVAL;
    struct timerfd *t = f->context;
    timers_lock();
    look(t);
    interval_get(&t->interval, ret_setting);
    timers_unlock();
    return 0;
}
