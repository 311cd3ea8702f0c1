// SPDX-License-Identifier: MIT
//
// read, write and their families. Data passes through a kernel buffer: files hand out kernel memory only, and a fault in the
// program's buffer can never happen while a file is locked. Only what never changes is read from where it is.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/uio.h>

#include "abi/layout.h"
#include "kernel/fs/pipe/pipe.h"
#include "kernel/mm/heap.h"
#include "kernel/net/socket.h"
#include "kernel/syscall/splice.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/vfs/open_file.h"

enum { SMALL = 512, PIECE = 16 * 1024, LARGE = 256 * 1024, IOV_LIMIT = 1024 };
#define RW_MAX 0x7ffff000ul
#define NO_OFFSET (-1l)

static size_t pages_of(size_t size)
{
    return (size + PAGE_SIZE - 1) / PAGE_SIZE;
}

// A buffer for count bytes, on the stack when small, at most of `largest` bytes.
static void *buffer_for(size_t count, size_t largest, void *small, size_t *ret_size)
{
    *ret_size = count < largest ? count : largest;
    return *ret_size <= SMALL ? small : kpages_alloc_dirty(pages_of(*ret_size));
}

static void buffer_done(void *buffer, void *small, size_t size)
{
    if (buffer != small)
        kpages_free(buffer, pages_of(size));
}

static long read_part(struct file *f, void *buffer, size_t size, long offset)
{
    return offset == NO_OFFSET ? file_read(f, buffer, size) : file_read_at(f, buffer, size, (uint64_t)offset);
}

static long write_part(struct file *f, const void *buffer, size_t size, long offset)
{
    return offset == NO_OFFSET ? file_write(f, buffer, size) : file_write_at(f, buffer, size, (uint64_t)offset);
}

// A reader's buffer, made when it is needed.
struct read_buffer {
    uint8_t small[SMALL];
    void *at;
    size_t size, largest;
};

// The next bytes, at *ret. How many of count, or -errno.
static long read_next(struct file *f, struct read_buffer *b, const void **ret, size_t count, long offset)
{
    size_t n = offset == NO_OFFSET ? file_peek(f, ret, count) : file_peek_at(f, ret, count, (uint64_t)offset);
    if (n)
        return (long)n;
    if (!b->at)
        b->at = buffer_for(count, b->largest, b->small, &b->size);
    *ret = b->at;
    return b->at ? read_part(f, b->at, count < b->size ? count : b->size, offset) : -ENOMEM;
}

// Content is read in pieces that the processor's first cache holds until they are copied on, if nobody can tell.
static long read_all(struct file *f, char USER *to, size_t count, long offset)
{
    struct read_buffer buffer;
    if (count < f->ops->read_least)
        return -EINVAL;
    long done = 0;
    buffer.at = NULL;
    buffer.largest = offset != NO_OFFSET && file_has_content(f) ? PIECE : LARGE;
    while (count) {
        const void *from;
        long n = read_next(f, &buffer, &from, count, offset == NO_OFFSET ? offset : offset + done);
        if (n <= 0) {
            done = done ? done : n;
            break;
        }
        size_t copied = copy_to_user_part(to + done, from, (size_t)n);
        if (copied < (size_t)n) {
            if (f->ops->stream)
                copied = 0; // as Linux: what a stream gave and the program could not take is gone
            else if (offset == NO_OFFSET)
                file_unread(f, (size_t)n - copied);
            done += (long)copied;
            done = done ? done : -EFAULT;
            break;
        }
        done += n;
        const bool whole = (size_t)n == count || (from == buffer.at && (size_t)n == buffer.size);
        count -= (size_t)n;
        if (!whole || f->ops->stream)
            break;
    }
    if (buffer.at)
        buffer_done(buffer.at, buffer.small, buffer.size);
    return done;
}

// What several threads read from one position does not overlap, nor is it mixed: each moves it by the whole of what it will read first.
static long do_read(struct file *f, char USER *to, size_t count, long offset)
{
    uint64_t at;
    size_t claimed = offset == NO_OFFSET && count > PIECE && file_has_content(f) ? file_claim(f, count, &at) : 0;
    if (!claimed)
        return read_all(f, to, count, offset);
    long done = read_all(f, to, claimed, (long)at);
    file_unread(f, claimed - (done > 0 ? (size_t)done : 0));
    return done;
}

static long do_write(struct file *f, const char USER *from, size_t count, long offset)
{
    uint8_t small[SMALL];
    size_t size;
    void *buffer = buffer_for(count, LARGE, small, &size);
    if (!buffer)
        return -ENOMEM;
    long done = 0;
    do {
        size_t part = count < size ? count : size;
        long n = copy_from_user(buffer, from + done, part);
        if (!n)
            n = write_part(f, buffer, part, offset == NO_OFFSET ? offset : offset + done);
        if (n < 0) {
            done = done ? done : n;
            break;
        }
        done += n;
        count -= (size_t)n;
        if ((size_t)n < part)
            break;
    } while (count);
    buffer_done(buffer, small, size);
    return done;
}

static long with_read(int fd, char USER *buf, size_t count, long offset)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    count = count < RW_MAX ? count : RW_MAX;
    long r = !file_readable(f) ? -EBADF : offset != NO_OFFSET && f->ops->stream ? -ESPIPE : do_read(f, buf, count, offset);
    file_put(f);
    return r;
}

static long with_write(int fd, const char USER *buf, size_t count, long offset)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    count = count < RW_MAX ? count : RW_MAX;
    long r = !file_writable(f) ? -EBADF : offset != NO_OFFSET && f->ops->stream ? -ESPIPE : do_write(f, buf, count, offset);
    file_put(f);
    return r;
}

long sys_read(int fd, void USER *buf, size_t count)
{
    return with_read(fd, buf, count, NO_OFFSET);
}

long sys_write(int fd, const void USER *buf, size_t count)
{
    return with_write(fd, buf, count, NO_OFFSET);
}

long sys_pread64(int fd, void USER *buf, size_t count, long offset)
{
    return offset < 0 ? -EINVAL : with_read(fd, buf, count, offset);
}

long sys_pwrite64(int fd, const void USER *buf, size_t count, long offset)
{
    return offset < 0 ? -EINVAL : with_write(fd, buf, count, offset);
}

// All elements are read before anything is done, as on Linux. The sum of their lengths, at most RW_MAX, or -errno.
static long vector_from_user(const void USER *vector, int count, struct iovec **ret)
{
    if (count < 0 || count > IOV_LIMIT)
        return -EINVAL;
    struct iovec *v = kmalloc((size_t)count * sizeof(*v) + 1);
    if (!v)
        return -ENOMEM;
    size_t sum = 0;
    int r = copy_from_user(v, vector, (size_t)count * sizeof(*v));
    for (int i = 0; !r && i < count; i++) {
        if ((long)v[i].iov_len < 0)
            r = -EINVAL;
        v[i].iov_len = v[i].iov_len < RW_MAX - sum ? v[i].iov_len : RW_MAX - sum;
        sum += v[i].iov_len;
    }
    if (r) {
        kfree(v);
        return r;
    }
    *ret = v;
    return (long)sum;
}

// One element after the other; stops at the first short one.
static long each_element(struct file *f, const struct iovec *v, int count, long offset, bool write)
{
    long done = 0;
    for (int i = 0; i < count; i++) {
        if (!v[i].iov_len)
            continue;
        long at = offset == NO_OFFSET ? offset : offset + done;
        long n = write ? do_write(f, (const char USER *)v[i].iov_base, v[i].iov_len, at)
                       : do_read(f, (char USER *)v[i].iov_base, v[i].iov_len, at);
        if (n < 0)
            return done ? done : n;
        done += n;
        if (n < (long)v[i].iov_len)
            break;
    }
    return done;
}

static long vector_io(int fd, const void USER *vector, int count, long offset, bool write)
{
    struct iovec *v = NULL;
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    long r = !(write ? file_writable(f) : file_readable(f)) ? -EBADF : offset != NO_OFFSET && f->ops->stream ? -ESPIPE : 0;
    if (!r)
        r = vector_from_user(vector, count, &v);
    if (r >= 0) {
        r = each_element(f, v, count, offset, write);
        kfree(v);
    }
    file_put(f);
    return r;
}

long sys_readv(int fd, const void USER *vector, int count)
{
    return vector_io(fd, vector, count, NO_OFFSET, false);
}

long sys_writev(int fd, const void USER *vector, int count)
{
    return vector_io(fd, vector, count, NO_OFFSET, true);
}

long sys_preadv(int fd, const void USER *vector, int count, long offset, unsigned long high)
{
    return offset < 0 ? -EINVAL : vector_io(fd, vector, count, offset, false);
}

long sys_pwritev(int fd, const void USER *vector, int count, long offset, unsigned long high)
{
    return offset < 0 ? -EINVAL : vector_io(fd, vector, count, offset, true);
}

// Nothing is written later than at once, and no request is polled for. -1: the file's position.
static long vector_io_flags(int fd, const void USER *vector, int count, long offset, int flags, bool write)
{
    if (flags & ~(int)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC))
        return -EOPNOTSUPP;
    if (offset < -1)
        return -EINVAL;
    return vector_io(fd, vector, count, offset == -1 ? NO_OFFSET : offset, write);
}

long sys_preadv2(int fd, const void USER *vector, int count, long offset, unsigned long high, int flags)
{
    return vector_io_flags(fd, vector, count, offset, flags, false);
}

long sys_pwritev2(int fd, const void USER *vector, int count, long offset, unsigned long high, int flags)
{
    return vector_io_flags(fd, vector, count, offset, flags, true);
}

// Moves up to count bytes from one file to another through a kernel buffer. Offsets NO_OFFSET: the file's position.
static long move_bytes(struct file *in, long in_at, struct file *out, long out_at, size_t count)
{
    char *buffer = kmalloc(LARGE);
    if (!buffer)
        return -ENOMEM;
    long done = 0;
    while (count) {
        size_t part = count < LARGE ? count : LARGE;
        long got = read_part(in, buffer, part, in_at == NO_OFFSET ? in_at : in_at + done), n = got;
        if (got > 0)
            n = write_part(out, buffer, (size_t)got, out_at == NO_OFFSET ? out_at : out_at + done);
        if (n < got && in_at == NO_OFFSET && !in->ops->stream)
            file_unread(in, (size_t)(got - (n > 0 ? n : 0)));
        if (n <= 0) {
            done = done ? done : n;
            break;
        }
        done += n;
        count -= (size_t)n;
        if (n < got)
            break;
    }
    kfree(buffer);
    return done;
}

static long move_between(int out, void USER *out_offset, int in, void USER *in_offset, size_t count)
{
    long in_at = NO_OFFSET, out_at = NO_OFFSET;
    if ((in_offset && copy_from_user(&in_at, in_offset, 8)) || (out_offset && copy_from_user(&out_at, out_offset, 8)))
        return -EFAULT;
    if ((in_offset && in_at < 0) || (out_offset && out_at < 0))
        return -EINVAL;
    struct file *from = fd_get(in), *to = fd_get(out);
    long r = !from || !to || !file_readable(from) || !file_writable(to) ? -EBADF
                                                                         : move_bytes(from, in_at, to, out_at, count);
    file_put(from);
    file_put(to);
    if (r > 0 && in_offset && PUT_USER((long)(in_at + r), in_offset))
        r = -EFAULT;
    if (r > 0 && out_offset && PUT_USER((long)(out_at + r), out_offset))
        r = -EFAULT;
    return r;
}

// What has no position is not sent from: a pipe has splice, and a socket can be sent to a pipe only, which is a splice.
static int may_send(const struct file *in, bool has_offset, const struct file *out, bool *ret_splice)
{
    bool to_pipe = out && is_pipe(out);
    if (!in || !out || !file_readable(in) || !file_writable(out))
        return -EBADF;
    if (in->ops->stream && has_offset)
        return -ESPIPE;
    *ret_splice = to_pipe && socket_of(in);
    if ((in->ops->stream && !*ret_splice) || (in->node && S_TYPE(in->node->mode) == S_IFDIR))
        return -EINVAL;
    return out->flags & O_APPEND && !to_pipe ? -EINVAL : 0;
}

long sys_sendfile(int out, int in, void USER *offset, size_t count)
{
    struct file *from = fd_get(in), *to = fd_get(out);
    bool is_splice = false, waits = to && !(to->flags & O_NONBLOCK);
    int r = may_send(from, offset, to, &is_splice);
    file_put(from);
    file_put(to);
    count = count < RW_MAX ? count : RW_MAX;
    if (r)
        return r;
    return is_splice ? sys_splice(in, NULL, out, NULL, count, waits ? 0 : SPLICE_F_NONBLOCK) : move_between(out, NULL, in, offset, count);
}

// What copy_file_range refuses beyond what sendfile does.
static int may_copy(const struct file *in, long in_at, const struct file *out, long out_at, size_t count)
{
    if (!in->node || !out->node)
        return -EINVAL;
    if (S_TYPE(in->node->mode) == S_IFDIR || S_TYPE(out->node->mode) == S_IFDIR)
        return -EISDIR;
    if (S_TYPE(in->node->mode) != S_IFREG || S_TYPE(out->node->mode) != S_IFREG)
        return -EINVAL;
    if (!file_readable(in) || !file_writable(out) || (out->flags & O_APPEND))
        return -EBADF;
    if (in->node != out->node)
        return 0;
    uint64_t a = in_at == NO_OFFSET ? in->position : (uint64_t)in_at, b = out_at == NO_OFFSET ? out->position : (uint64_t)out_at;
    return a < b + count && b < a + count ? -EINVAL : 0;
}

long sys_copy_file_range(int in, void USER *in_offset, int out, void USER *out_offset, size_t count, int flags)
{
    long in_at = NO_OFFSET, out_at = NO_OFFSET;
    if (flags)
        return -EINVAL;
    if ((in_offset && copy_from_user(&in_at, in_offset, 8)) || (out_offset && copy_from_user(&out_at, out_offset, 8)))
        return -EFAULT;
    count = count < RW_MAX ? count : RW_MAX;
    struct file *from = fd_get_io(in), *to = fd_get_io(out);
    long r = from && to ? may_copy(from, in_at, to, out_at, count) : -EBADF;
    file_put(from);
    file_put(to);
    return r ? r : move_between(out, out_offset, in, in_offset, count);
}
