// SPDX-License-Identifier: MIT
//
// splice(2), tee(2), vmsplice(2). Bytes pass through a kernel buffer: pages do not change hands between files here.
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/poll.h>

#include "kernel/fs/pipe/pipe.h"
#include "kernel/mm/heap.h"
#include "kernel/net/socket.h"
#include "kernel/syscall/splice.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

enum { FLAGS = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT, PIECE = 65536 };
#define NO_OFFSET (-1l)

struct side {
    struct file *file;
    long offset; // NO_OFFSET: the file's position
    void USER *user_offset;
};

struct transfer {
    struct side in, out;
    size_t size;
    bool wait; // SPLICE_F_NONBLOCK: not for pipes
};

static bool waits(const struct transfer *t, const struct file *f)
{
    return is_pipe(f) ? t->wait && !(f->flags & O_NONBLOCK) : !(f->flags & O_NONBLOCK);
}

static int wait_ready(struct poll_table *table, void *context)
{
    return file_poll(context, table) & (POLLOUT | POLLERR | POLLHUP) ? 1 : 0;
}

static int wait_for_room(struct file *f)
{
    int r = poll_loop(wait_ready, f, UINT64_MAX, NULL);
    return r < 0 ? r : 0;
}

static long write_some(const struct side *to, const char *bytes, size_t size, size_t done)
{
    return to->offset == NO_OFFSET ? file_write(to->file, bytes + done, size - done)
                                   : file_write_at(to->file, bytes + done, size - done, (uint64_t)to->offset + done);
}

// All of it, as it is taken from the other side already: waits where the descriptor itself would not.
static long write_all(const struct side *to, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        long n = write_some(to, bytes, size, done);
        if (n == -EAGAIN)
            n = wait_for_room(to->file);
        if (n < 0)
            return done ? (long)done : n;
        done += (size_t)n;
    }
    return (long)done;
}

static long read_some(const struct side *from, char *to, size_t size)
{
    return from->offset == NO_OFFSET ? file_read(from->file, to, size) : file_read_at(from->file, to, size, (uint64_t)from->offset);
}

static int may_begin(const struct transfer *t)
{
    const unsigned in = POLLIN | POLLHUP | POLLERR, out = POLLOUT | POLLERR;
    if (!waits(t, t->in.file) && !(file_poll(t->in.file, NULL) & in))
        return -EAGAIN;
    if (file_poll(t->out.file, NULL) & out)
        return 0;
    return waits(t, t->out.file) ? wait_for_room(t->out.file) : -EAGAIN;
}

// From a pipe to a file that nobody waits for: what it does not take stays in the pipe.
static long pour(const struct transfer *t, char *buffer, size_t size)
{
    long n = pipe_peek(t->in.file, buffer, size, waits(t, t->in.file));
    if (n > 0)
        n = write_some(&t->out, buffer, (size_t)n, 0);
    if (n > 0)
        pipe_skip(t->in.file, buffer, (size_t)n);
    return n;
}

static long carry(const struct transfer *t, char *buffer, size_t size)
{
    long n = read_some(&t->in, buffer, size);
    return n > 0 ? write_all(&t->out, buffer, (size_t)n) : n;
}

static long transfer(const struct transfer *t)
{
    size_t size = t->size < PIECE ? t->size : PIECE;
    int r = may_begin(t);
    if (r)
        return r;
    bool out_waits = waits(t, t->out.file), to_pipe = is_pipe(t->out.file);
    if (to_pipe && !out_waits) {
        size_t room = pipe_room(t->out.file);
        size = size < room ? size : room;
        if (!size)
            return -EAGAIN;
    }
    char *buffer = kmalloc(size);
    if (!buffer)
        return -ENOMEM;
    long n = !to_pipe && !out_waits ? pour(t, buffer, size) : carry(t, buffer, size);
    kfree(buffer);
    return n;
}

static int check_offsets(const struct transfer *t)
{
    const struct file *in = t->in.file, *out = t->out.file;
    if (!in || !out)
        return -EBADF;
    return (is_pipe(in) && t->in.user_offset) || (is_pipe(out) && t->out.user_offset) ? -ESPIPE : 0;
}

// Directories and what an anonymous inode stands for have nothing to splice.
static bool gives_pages(const struct file *f)
{
    return f->node ? S_TYPE(f->node->mode) != S_IFDIR : socket_of(f) != NULL;
}

static int check_sides(const struct transfer *t)
{
    const struct file *in = t->in.file, *out = t->out.file;
    if (!file_readable(in) || !file_writable(out))
        return -EBADF;
    if (!is_pipe(in) && !is_pipe(out))
        return -EINVAL;
    if (!gives_pages(in))
        return -EINVAL;
    if ((t->in.user_offset && in->ops->stream) || (t->out.user_offset && out->ops->stream))
        return -EINVAL;
    if ((is_pipe(in) && is_pipe(out) && in->context == out->context) || (out->flags & O_APPEND && !is_pipe(out)))
        return -EINVAL;
    return 0;
}

static int get_offset(struct side *s)
{
    s->offset = NO_OFFSET;
    if (!s->user_offset)
        return 0;
    if (GET_USER(s->offset, s->user_offset))
        return -EFAULT;
    return s->offset < 0 ? -EINVAL : 0;
}

static int put_offset(const struct side *s, long moved)
{
    return s->user_offset ? PUT_USER((long)(s->offset + moved), s->user_offset) : 0;
}

static long splice(struct transfer *t)
{
    int r = check_offsets(t);
    if (!r)
        r = get_offset(&t->out);
    if (!r)
        r = get_offset(&t->in);
    if (!r)
        r = check_sides(t);
    if (r)
        return r;
    long n = transfer(t);
    return n > 0 && (put_offset(&t->in, n) || put_offset(&t->out, n)) ? -EFAULT : n;
}

long sys_splice(int in, void USER *in_offset, int out, void USER *out_offset, size_t size, int flags)
{
    if (!size)
        return 0;
    if (flags & ~(int)FLAGS)
        return -EINVAL;
    struct transfer t = {
        .in = {.file = fd_get(in), .user_offset = in_offset},
        .out = {.file = fd_get(out), .user_offset = out_offset},
        .size = size,
        .wait = !(flags & SPLICE_F_NONBLOCK),
    };
    long r = splice(&t);
    file_put(t.in.file);
    file_put(t.out.file);
    return r;
}

static long copy_pipe(const struct transfer *t)
{
    const struct file *in = t->in.file, *out = t->out.file;
    if (!in || !out || !file_readable(in) || !file_writable(out))
        return -EBADF;
    if (!is_pipe(in) || !is_pipe(out) || in->context == out->context)
        return -EINVAL;
    int r = may_begin(t);
    if (r)
        return r;
    size_t size = t->size < PIPE_BUF ? t->size : PIPE_BUF; // there is room for it
    char *buffer = kmalloc(size);
    if (!buffer)
        return -ENOMEM;
    long n = pipe_peek(t->in.file, buffer, size, waits(t, in));
    if (n > 0)
        n = write_all(&t->out, buffer, (size_t)n);
    kfree(buffer);
    return n;
}

long sys_tee(int in, int out, size_t size, int flags)
{
    if (flags & ~(int)FLAGS)
        return -EINVAL;
    if (!size)
        return 0;
    const struct transfer t = {
        .in = {.file = fd_get(in), .offset = NO_OFFSET},
        .out = {.file = fd_get(out), .offset = NO_OFFSET},
        .size = size,
        .wait = !(flags & SPLICE_F_NONBLOCK),
    };
    long r = copy_pipe(&t);
    file_put(t.in.file);
    file_put(t.out.file);
    return r;
}

// Which end it is decides the direction. SPLICE_F_NONBLOCK is the descriptor's own O_NONBLOCK here.
long sys_vmsplice(int fd, const void USER *vector, unsigned long count, int flags)
{
    enum { VECTOR_MOST = 1024 };
    if (flags & ~(int)FLAGS)
        return -EINVAL;
    struct file *f = fd_get(fd);
    bool pipe = f && is_pipe(f), writes = f && file_writable(f);
    bool would_wait = pipe && flags & SPLICE_F_NONBLOCK && !(file_poll(f, NULL) & (writes ? POLLOUT | POLLERR : POLLIN | POLLHUP));
    file_put(f);
    if (!f)
        return -EBADF;
    if (count > VECTOR_MOST || !count) // nothing to do for no pipe either
        return count ? -EINVAL : 0;
    if (!pipe)
        return -EBADF;
    if (would_wait)
        return -EAGAIN;
    return writes ? sys_writev(fd, vector, (int)count) : sys_readv(fd, vector, (int)count);
}
