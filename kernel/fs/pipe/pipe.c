// SPDX-License-Identifier: MIT
//
// Pipes live in the enclave: what goes through them never meets the host. A pipe lives as long as its node, a FIFO's or a nameless
// one by which /proc/PID/fd/N opens it again.
#include "kernel/fs/pipe/pipe.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/poll.h>

#include "abi/layout.h"
#include "kernel/fs/pipe/buffer.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/signal/signal.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

enum { CAPACITY = 65536, CAPACITY_USUAL = 1 << 20 /* as /proc/sys/fs/pipe-max-size says */, CAPACITY_MOST = 1 << 30 };

struct pipe {
    struct mutex lock;
    /* guarded by lock: */
    uint32_t readers, writers;
    uint32_t readers_came, writers_came; // of all times
    struct pipe_buffer buffer;
    struct waitq can_read, can_write, opened;
};

static struct pipe *pipe_make(void)
{
    struct pipe *p = kzalloc(sizeof(*p));
    if (!p)
        return NULL;
    if (pipe_buffer_init(&p->buffer, CAPACITY)) {
        kfree(p);
        return NULL;
    }
    return p;
}

static int wait_for_content(struct pipe *p)
{
    return wait_event(&p->can_read, __atomic_load_n(&p->buffer.used, __ATOMIC_ACQUIRE) || !__atomic_load_n(&p->writers, __ATOMIC_ACQUIRE),
                      UINT64_MAX);
}

static size_t take(struct pipe *p, void *to, size_t size, bool *ret_ended)
{
    mutex_lock(&p->lock);
    bool was_full = !pipe_buffer_has_room(&p->buffer, PIPE_BUF, true); // else no writer waits
    size_t n = pipe_buffer_take(&p->buffer, to, size);
    *ret_ended = !p->writers;
    mutex_unlock(&p->lock);
    if (n && was_full)
        waitq_wake(&p->can_write, ~0u);
    return n;
}

static long pipe_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct pipe *p = f->context;
    if (!size)
        return 0;
    for (;;) {
        bool ended;
        size_t n = take(p, to, size, &ended);
        if (n)
            return (long)n;
        if (ended)
            return 0;
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int r = wait_for_content(p);
        if (r)
            return r;
    }
}

static bool has_room(struct pipe *p, size_t size, bool packet)
{
    mutex_lock(&p->lock);
    bool room = pipe_buffer_has_room(&p->buffer, size, packet) || !p->readers;
    mutex_unlock(&p->lock);
    return room;
}

// Up to PIPE_BUF bytes go in whole or not at all.
static size_t try_put(struct pipe *p, const uint8_t *from, size_t size, bool packet, bool *ret_broken)
{
    mutex_lock(&p->lock);
    *ret_broken = !p->readers;
    size_t n = 0;
    if (!*ret_broken && (size > PIPE_BUF || pipe_buffer_has_room(&p->buffer, size, packet)))
        n = pipe_buffer_put(&p->buffer, from, size, packet);
    mutex_unlock(&p->lock);
    return n;
}

static long pipe_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct pipe *p = f->context;
    size_t done = 0;
    while (done < size) {
        bool broken, packet = f->flags & O_DIRECT;
        size_t left = size - done, piece = packet && left > PIPE_BUF ? PIPE_BUF : left;
        size_t n = try_put(p, (const uint8_t *)from + done, piece, packet, &broken);
        if (n)
            waitq_wake(&p->can_read, ~0u);
        done += n;
        if (broken) {
            signal_send_self(SIGPIPE);
            return done ? (long)done : -EPIPE;
        }
        if (done == size)
            break;
        if (n && packet)
            continue;
        if (f->flags & O_NONBLOCK)
            return done ? (long)done : -EAGAIN;
        size_t need = piece <= PIPE_BUF ? size - done < piece ? size - done : piece : 1;
        int r = wait_event(&p->can_write, has_room(p, need, packet), UINT64_MAX);
        if (r)
            return done ? (long)done : r;
    }
    return (long)done;
}

// How many had come when the reader of a FIFO did, kept where other files have their position.
static uint32_t writers_before(const struct file *f)
{
    return (uint32_t)f->position;
}

static unsigned pipe_poll(struct file *f, struct poll_table *table)
{
    struct pipe *p = f->context;
    unsigned events = 0;
    if (file_readable(f))
        poll_wait(table, &p->can_read);
    if (file_writable(f))
        poll_wait(table, &p->can_write);
    mutex_lock(&p->lock);
    const bool hung_up = !p->writers && p->writers_came != writers_before(f); // some were there since it was opened
    if (file_readable(f))
        events |= (p->buffer.used ? POLLIN | POLLRDNORM : 0u) | (hung_up ? POLLHUP : 0);
    if (file_writable(f))
        events |=
            (pipe_buffer_has_room(&p->buffer, PIPE_BUF, f->flags & O_DIRECT) ? POLLOUT | POLLWRNORM : 0u) | (p->readers ? 0 : POLLERR);
    mutex_unlock(&p->lock);
    return events;
}

static long pipe_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    struct pipe *p = f->context;
    if (request != FIONREAD)
        return -ENOTTY;
    int n = (int)__atomic_load_n(&p->buffer.used, __ATOMIC_RELAXED);
    return copy_to_user((void USER *)argument, &n, sizeof(n));
}

static void pipe_free(struct pipe *p)
{
    pipe_buffer_free(&p->buffer);
    kfree(p);
}

static void pipe_release(struct file *f)
{
    struct pipe *p = f->context;
    mutex_lock(&p->lock);
    p->readers -= file_readable(f);
    p->writers -= file_writable(f);
    if (!p->readers && !p->writers)
        pipe_buffer_drop(&p->buffer);
    mutex_unlock(&p->lock);
    waitq_wake(&p->can_read, ~0u);
    waitq_wake(&p->can_write, ~0u);
}

#define PIPE_NAME "pipe:" // and the node's number (file_path)

// A pipe that is opened again, by its name in /proc, waits for nobody.
static int pipe_open(struct file *f)
{
    struct pipe *p = f->context;
    f->name = PIPE_NAME;
    mutex_lock(&p->lock);
    p->readers += file_readable(f);
    p->writers += file_writable(f);
    p->writers_came += file_writable(f);
    mutex_unlock(&p->lock);
    return 0;
}

// Opening a FIFO waits for the other side (man 7 fifo), which may have gone again before we look.
static int fifo_open(struct file *f)
{
    struct pipe *p = f->context;
    bool reads = file_readable(f), writes = file_writable(f);
    mutex_lock(&p->lock);
    bool refuse = writes && !reads && !p->readers && (f->flags & O_NONBLOCK);
    p->readers += reads;
    p->writers += writes;
    p->readers_came += reads;
    p->writers_came += writes;
    f->position = p->writers ? p->writers_came - 1 : p->writers_came;
    const uint32_t *came = reads ? &p->writers_came : &p->readers_came, before = *came;
    bool met = reads ? p->writers : p->readers;
    mutex_unlock(&p->lock);
    if (refuse)
        return -ENXIO; // release takes the count back
    waitq_wake(&p->opened, ~0u);
    if ((f->flags & O_NONBLOCK) || met)
        return 0;
    return wait_event(&p->opened, __atomic_load_n(came, __ATOMIC_ACQUIRE) != before, UINT64_MAX);
}

static const struct file_ops pipe_ops = {
    .stream = true,
    .signals_io = true,
    .open = pipe_open,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
    .release = pipe_release,
};

static const struct file_ops fifo_ops = {
    .stream = true,
    .signals_io = true,
    .open = fifo_open,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
    .release = pipe_release,
};

static int attach(struct node *n, const struct file_ops *ops)
{
    n->context = pipe_make();
    n->ops = ops;
    return n->context ? 0 : -ENOMEM;
}

int fifo_attach(struct node *n)
{
    return attach(n, &fifo_ops);
}

void pipe_detach(struct node *n)
{
    if ((n->ops == &pipe_ops || n->ops == &fifo_ops) && n->context)
        pipe_free(n->context);
}

static struct node *pipe_node(void)
{
    struct node *n = node_new(S_IFIFO | 0600);
    if (!n)
        return NULL;
    const struct credentials *c = &current_thread()->cred;
    n->uid = c->fsuid;
    n->gid = c->fsgid;
    node_touch(n);
    n->atime_ns = n->mtime_ns;
    return n;
}

int pipe_new(uint32_t flags, struct file **ret_read, struct file **ret_write)
{
    struct node *n = pipe_node();
    int r = n ? attach(n, &pipe_ops) : -ENOMEM;
    if (!r)
        r = file_open_node(n, O_RDONLY | flags, ret_read);
    if (!r && (r = file_open_node(n, O_WRONLY | flags, ret_write)))
        file_put(*ret_read);
    node_put(n);
    return r;
}

static struct pipe *pipe_of(const struct file *f)
{
    return f->ops == &pipe_ops || f->ops == &fifo_ops ? f->context : NULL;
}

bool is_pipe(const struct file *f)
{
    return pipe_of(f);
}

long pipe_peek(struct file *f, void *to, size_t size, bool wait)
{
    struct pipe *p = pipe_of(f);
    for (;;) {
        mutex_lock(&p->lock);
        size_t n = pipe_buffer_peek(&p->buffer, to, size);
        bool ended = !p->writers;
        mutex_unlock(&p->lock);
        if (n || ended)
            return (long)n;
        if (!wait)
            return -EAGAIN;
        int r = wait_for_content(p);
        if (r)
            return r;
    }
}

void pipe_skip(struct file *f, void *scratch, size_t size)
{
    bool ended;
    for (size_t n = 1; n && size; size -= n)
        n = take(pipe_of(f), scratch, size, &ended);
}

size_t pipe_room(struct file *f)
{
    struct pipe *p = pipe_of(f);
    mutex_lock(&p->lock);
    size_t room = p->buffer.capacity - p->buffer.used;
    mutex_unlock(&p->lock);
    return room;
}

long pipe_capacity(struct file *f)
{
    struct pipe *p = pipe_of(f);
    return p ? (long)__atomic_load_n(&p->buffer.capacity, __ATOMIC_RELAXED) : -EBADF;
}

long pipe_set_capacity(struct file *f, uint32_t size)
{
    struct pipe *p = pipe_of(f);
    uint32_t capacity = PAGE_SIZE;
    if (!p)
        return -EBADF;
    if (size > CAPACITY_USUAL && size > p->buffer.capacity && !capable(CAP_SYS_RESOURCE))
        return size > 1u << 31 ? -EINVAL : -EPERM;
    if (size > CAPACITY_MOST)
        return size > 1u << 31 ? -EINVAL : -ENOMEM;
    while (capacity < size)
        capacity *= 2;
    mutex_lock(&p->lock);
    int r = capacity == p->buffer.capacity ? 0 : pipe_buffer_resize(&p->buffer, capacity);
    mutex_unlock(&p->lock);
    if (!r)
        waitq_wake(&p->can_write, ~0u);
    return r ? r : (long)capacity;
}
