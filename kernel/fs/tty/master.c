// SPDX-License-Identifier: MIT
//
// The side of a pseudo-terminal that types and sees.
#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>

#include "kernel/fs/tty/pty_sides.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/poll.h"

enum { PACKET_HEAD = 1 };

static struct pty *of(const struct file *f)
{
    return f->context;
}

static long put_int(int value, uint64_t to)
{
    return PUT_USER(value, (int USER *)to) ? -EFAULT : 0;
}

static bool peer_closed(const struct pty *p)
{
    return p->was_open && !p->slaves;
}

static size_t take_packet(struct pty *p, uint8_t *to, size_t size)
{
    size_t n = 0;
    if (p->line.packet) {
        to[0] = p->line.packet;
        p->line.packet = 0;
        return PACKET_HEAD;
    }
    if (size > PACKET_HEAD)
        n = discipline_take(&p->line, to + PACKET_HEAD, size - PACKET_HEAD);
    to[0] = TIOCPKT_DATA;
    return n ? n + PACKET_HEAD : 0;
}

static bool master_readable(const struct pty *p)
{
    return p->line.output_count || (p->packet && p->line.packet);
}

static bool master_has_news(struct pty *p)
{
    mutex_lock(&p->lock);
    bool news = master_readable(p) || peer_closed(p);
    mutex_unlock(&p->lock);
    return news;
}

static long master_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct pty *p = of(f);
    if (!size)
        return 0;
    for (;;) {
        mutex_lock(&p->lock);
        size_t n = p->packet ? take_packet(p, to, size) : discipline_take(&p->line, to, size);
        bool closed = peer_closed(p);
        mutex_unlock(&p->lock);
        if (n) {
            (void)waitq_wake(&p->slave_side, UINT32_MAX);
            return (long)n;
        }
        if (closed)
            return -EIO;
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int r = wait_event(&p->master_side, master_has_news(p), UINT64_MAX);
        if (r)
            return r;
    }
}

static bool master_may_write(struct pty *p)
{
    mutex_lock(&p->lock);
    bool may = discipline_accepts(&p->line);
    mutex_unlock(&p->lock);
    return may;
}

// The signals that it means are sent to the foreground as they come.
size_t pty_type(struct pty *p, const uint8_t *from, size_t size)
{
    size_t n = 0;
    int sig = 0;
    mutex_lock(&p->lock);
    discipline_settle(&p->line);
    while (n < size && !sig && discipline_accepts(&p->line))
        sig = discipline_receive(&p->line, from[n++]);
    mutex_unlock(&p->lock);
    if (sig)
        tty_signal_foreground(&p->tty, sig);
    return n;
}

static long master_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct pty *p = of(f);
    size_t done = 0;
    int r = 0;
    while (!r && done < size) {
        size_t n = pty_type(p, (const uint8_t *)from + done, size - done);
        done += n;
        if (n)
            pty_wake_both(p); // an echo is for this side
        else if (f->flags & O_NONBLOCK)
            r = -EAGAIN;
        else
            r = wait_event(&p->master_side, master_may_write(p), UINT64_MAX);
    }
    return done ? (long)done : r;
}

static unsigned master_poll(struct file *f, struct poll_table *table)
{
    struct pty *p = of(f);
    poll_wait(table, &p->master_side);
    mutex_lock(&p->lock);
    unsigned events = master_readable(p) ? POLLIN | POLLRDNORM : 0;
    if (discipline_accepts(&p->line))
        events |= POLLOUT | POLLWRNORM;
    if (p->packet && p->line.packet)
        events |= POLLPRI;
    if (peer_closed(p))
        events |= POLLHUP;
    mutex_unlock(&p->lock);
    return events;
}

static int set_flag(struct pty *p, bool *flag, uint64_t from)
{
    int on;
    if (GET_USER(on, (const int USER *)from))
        return -EFAULT;
    mutex_lock(&p->lock);
    *flag = on;
    if (flag == &p->packet)
        p->line.packet = 0;
    mutex_unlock(&p->lock);
    return 0;
}

// TIOCGPTPEER: the slave, whatever stands at its name by now.
static long open_peer(struct pty *p, uint32_t flags)
{
    struct file *f = file_new(&pty_slave_opener, flags & ~(uint32_t)O_CLOEXEC, p->node);
    char *path = f ? kmalloc(PTY_NAME_SIZE) : NULL;
    if (!path) {
        file_put(f);
        return -ENOMEM;
    }
    snprintf(path, PTY_NAME_SIZE, "/dev/pts/%u", p->number);
    f->path = path;
    ttys_lock();
    int r = pty_slave_open_locked(&p->tty, f);
    ttys_unlock();
    if (r) {
        file_put(f);
        return r;
    }
    tty_opened(&p->tty, flags);
    r = fd_install(f, flags & O_CLOEXEC ? FD_CLOEXEC : 0, 0);
    return r;
}

static long type_signal(struct pty *p, uint64_t sig)
{
    if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
        return -EINVAL;
    tty_signal_foreground(&p->tty, (int)sig);
    return 0;
}

static long master_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    struct pty *p = of(f);
    switch (request) {
    case TIOCGPTN:
        return put_int((int)p->number, argument);
    case TIOCSPTLCK:
        return set_flag(p, &p->locked, argument);
    case TIOCGPTLCK:
        return put_int(p->locked, argument);
    case TIOCPKT:
        return set_flag(p, &p->packet, argument);
    case TIOCGPKT:
        return put_int(p->packet, argument);
    case TIOCGPTPEER:
        return open_peer(p, (uint32_t)argument);
    case TIOCSIG:
        return type_signal(p, argument);
    default:
        return pty_ioctl(f, true, request, argument);
    }
}

static void master_release(struct file *f)
{
    struct pty *p = of(f);
    pty_name_remove(p);
    ttys_lock();
    mutex_lock(&p->lock);
    p->master_open = false;
    bool unused = !p->slaves;
    mutex_unlock(&p->lock);
    struct tty_session had = tty_hang_up_locked(&p->tty);
    if (unused)
        pty_unlink_locked(p);
    ttys_unlock();
    if (unused)
        pty_free(p);
    tty_tell_hang_up(had);
}

const struct file_ops pty_master_ops = {
    .stream = true,
    .signals_io = true,
    .read = master_read,
    .write = master_write,
    .poll = master_poll,
    .ioctl = master_ioctl,
    .release = master_release,
};
