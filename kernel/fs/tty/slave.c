// SPDX-License-Identifier: MIT
//
// The side of a pseudo-terminal that is a terminal.
#include <asm/ioctls.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>

#include "kernel/fs/tty/pty_sides.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/poll.h"

enum { NS_PER_VTIME = 100000000 };

static const struct file_ops slave_ops;

static struct pty *of(const struct file *f)
{
    return f->context;
}

static bool is_hung_up(const struct file *f)
{
    const struct pty *p = of(f);
    return f->position != p->hang_ups;
}

static void hang_up(struct tty *t)
{
    struct pty *p = (struct pty *)t;
    mutex_lock(&p->lock);
    p->hang_ups++;
    mutex_unlock(&p->lock);
    pty_wake_both(p);
}

// Terminals are locked.
int pty_slave_open_locked(struct tty *t, struct file *f)
{
    struct pty *p = (struct pty *)t;
    mutex_lock(&p->lock);
    int r = p->locked || !p->master_open ? -EIO : p->exclusive && !capable(CAP_SYS_ADMIN) ? -EBUSY : 0;
    if (!r) {
        p->slaves++;
        p->was_open = true;
        f->ops = &slave_ops;
        f->context = p;
        f->position = p->hang_ups;
    }
    mutex_unlock(&p->lock);
    return r;
}

const struct tty_ops pty_tty_ops = {pty_slave_open_locked, hang_up};

static unsigned minor_of(uint32_t rdev)
{
    return (rdev & 0xff) | (rdev >> 12 & 0xfff00);
}

static int slave_open(struct file *f)
{
    ttys_lock();
    struct pty *p = pty_find_locked(minor_of(f->node->rdev));
    int r = p ? pty_slave_open_locked(&p->tty, f) : -EIO;
    ttys_unlock();
    if (!r)
        tty_opened(&p->tty, f->flags); // the open file keeps it
    return r;
}

const struct file_ops pty_slave_opener = {.stream = true, .open = slave_open};

static void slave_release(struct file *f)
{
    struct pty *p = of(f);
    ttys_lock();
    mutex_lock(&p->lock);
    bool unused = !--p->slaves && !p->master_open;
    mutex_unlock(&p->lock);
    if (unused)
        pty_unlink_locked(p);
    ttys_unlock();
    if (unused)
        pty_free(p);
    else
        pty_wake_both(p);
}

struct reading {
    uint8_t *to;
    size_t size, done;
    bool ended; // by a line's or the file's end
};

static void read_some(struct pty *p, struct reading *r)
{
    mutex_lock(&p->lock);
    if (discipline_readable(&p->line, false)) {
        bool lines = p->line.settings.c_lflag & ICANON;
        r->done += discipline_read(&p->line, r->to + r->done, r->size - r->done);
        r->ended |= lines;
    }
    mutex_unlock(&p->lock);
    (void)waitq_wake(&p->master_side, UINT32_MAX); // there is room
}

// When to give up waiting for more (man 3 termios, MIN and TIME): a time, or UINT64_MAX. least: how many bytes are wanted.
static uint64_t patience(const struct pty *p, const struct reading *r, size_t *ret_least)
{
    const struct termios2 *s = &p->line.settings;
    size_t least = s->c_cc[VMIN];
    uint64_t tenths = s->c_cc[VTIME];
    *ret_least = 1;
    if (s->c_lflag & ICANON)
        return UINT64_MAX;
    *ret_least = least ? (least < r->size ? least : r->size) : 1;
    if (!least)
        return tenths ? clock_monotonic_ns() + tenths * NS_PER_VTIME : 0;
    return tenths && r->done ? clock_monotonic_ns() + tenths * NS_PER_VTIME : UINT64_MAX;
}

static bool has_news(struct pty *p, const struct file *f)
{
    mutex_lock(&p->lock);
    bool news = discipline_readable(&p->line, false) || is_hung_up(f);
    mutex_unlock(&p->lock);
    return news;
}

static long slave_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct pty *p = of(f);
    struct reading r = {.to = to, .size = size};
    int error = 0;
    while (!error && r.done < size && !r.ended) {
        size_t least;
        if (is_hung_up(f))
            break;
        error = tty_check_foreground(&p->tty, SIGTTIN);
        if (!error)
            read_some(p, &r);
        uint64_t until = patience(p, &r, &least);
        if (error || r.ended || r.done >= least || !until)
            break;
        if (f->flags & O_NONBLOCK) {
            error = -EAGAIN;
            break;
        }
        error = wait_event(&p->slave_side, has_news(p, f), until);
    }
    return r.done ? (long)r.done : error == -ETIMEDOUT ? 0 : error;
}

static bool write_may_go_on(struct pty *p, const struct file *f)
{
    mutex_lock(&p->lock);
    bool on = discipline_has_room(&p->line) || is_hung_up(f);
    mutex_unlock(&p->lock);
    return on;
}

static long slave_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct pty *p = of(f);
    size_t done = 0;
    int r = p->line.settings.c_lflag & TOSTOP && !is_hung_up(f) ? tty_check_foreground(&p->tty, SIGTTOU) : 0;
    while (!r && done < size) {
        mutex_lock(&p->lock);
        bool gone = is_hung_up(f) || !p->master_open;
        size_t n = gone ? 0 : discipline_write(&p->line, (const uint8_t *)from + done, size - done);
        mutex_unlock(&p->lock);
        if (n)
            (void)waitq_wake(&p->master_side, UINT32_MAX);
        done += n;
        if (gone)
            r = -EIO;
        else if (done < size && (f->flags & O_NONBLOCK))
            r = -EAGAIN;
        else if (done < size)
            r = wait_event(&p->slave_side, write_may_go_on(p, f), UINT64_MAX);
    }
    return done ? (long)done : r;
}

static unsigned slave_poll(struct file *f, struct poll_table *table)
{
    struct pty *p = of(f);
    poll_wait(table, &p->slave_side);
    mutex_lock(&p->lock);
    unsigned events = discipline_readable(&p->line, true) ? POLLIN | POLLRDNORM : 0;
    if (discipline_has_room(&p->line))
        events |= POLLOUT | POLLWRNORM;
    if (is_hung_up(f))
        events = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
    mutex_unlock(&p->lock);
    return events;
}

static long slave_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    if (is_hung_up(f))
        return request == TIOCSPGRP ? -ENOTTY : -EIO;
    return pty_ioctl(f, false, request, argument);
}

static const struct file_ops slave_ops = {
    .stream = true,
    .signals_io = true,
    .read = slave_read,
    .write = slave_write,
    .poll = slave_poll,
    .ioctl = slave_ioctl,
    .release = slave_release,
};
