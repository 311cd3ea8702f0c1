// SPDX-License-Identifier: MIT
//
// Messages: sendto, recvfrom, sendmsg, recvmsg and their plural forms. Data passes through a kernel buffer, as in io.c.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/uio.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/syscall/deadline.h"
#include "kernel/syscall/socket.h"
#include "kernel/syscall/socket_control.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/time/time.h"
#include "kernel/vfs/open_file.h"

enum { PIECE = 256 * 1024, VECTOR_MOST = 1024, MESSAGES_MOST = 1024 };
#define TOTAL_MOST (16ul << 20)

struct mmsghdr_layout { // struct mmsghdr
    struct message_header header;
    uint32_t length, padding;
};

// The program's vector, checked; the sum of its lengths, at most TOTAL_MOST.
static long vector_get(const struct message_header *h, struct iovec **ret)
{
    if (h->vector_count > VECTOR_MOST)
        return -EMSGSIZE;
    struct iovec *v = kmalloc(h->vector_count * sizeof(*v) + 1);
    if (!v)
        return -ENOMEM;
    int r = copy_from_user(v, (const void USER *)h->vector, h->vector_count * sizeof(*v));
    size_t sum = 0;
    for (size_t i = 0; !r && i < h->vector_count; i++) {
        if ((long)v[i].iov_len < 0)
            r = -EINVAL;
        else if (v[i].iov_len > TOTAL_MOST - sum)
            v[i].iov_len = TOTAL_MOST - sum;
        sum += r ? 0 : v[i].iov_len;
    }
    if (r) {
        kfree(v);
        return r;
    }
    *ret = v;
    return (long)sum;
}

static int gather(const struct iovec *v, size_t count, uint8_t *to)
{
    for (size_t i = 0; i < count; to += v[i++].iov_len)
        if (copy_from_user(to, (const void USER *)v[i].iov_base, v[i].iov_len))
            return -EFAULT;
    return 0;
}

static int scatter(const struct iovec *v, size_t count, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i < count && size; i++) {
        size_t n = v[i].iov_len < size ? v[i].iov_len : size;
        if (copy_to_user((void USER *)v[i].iov_base, from, n))
            return -EFAULT;
        from += n;
        size -= n;
    }
    return 0;
}

static int effective(const struct file *f, int flags)
{
    return f->flags & O_NONBLOCK ? flags | MSG_DONTWAIT : flags;
}

static long send_message(struct file *f, struct socket *s, const struct message_header *h, int flags)
{
    struct socket_message m = {0};
    struct iovec *v = NULL;
    uint8_t *buffer = NULL;
    long size = vector_get(h, &v), r = size < 0 ? size : 0;
    if (!r && h->name && h->name_size)
        r = socket_address_from_user((const void USER *)h->name, h->name_size, &m.address);
    if (!r && !(buffer = kmalloc((size_t)size + 1)))
        r = -ENOMEM;
    if (!r)
        r = gather(v, h->vector_count, buffer);
    if (!r)
        r = control_from_user(s, h, &m);
    if (!r)
        r = s->ops->send(s, buffer, (size_t)size, effective(f, flags), &m);
    socket_files_put(&m); // those that were not sent
    kfree(buffer);
    kfree(v);
    return r;
}

static long receive_message(struct file *f, struct socket *s, struct message_header *h, int flags)
{
    struct socket_message m = {.wants_control = true};
    struct iovec *v = NULL;
    long size = vector_get(h, &v);
    if (size < 0)
        return size;
    if (size > PIECE && s->type == SOCK_STREAM && !(flags & MSG_WAITALL))
        size = PIECE;
    uint8_t *buffer = kmalloc((size_t)size + 1);
    long r = buffer ? s->ops->receive(s, buffer, (size_t)size, effective(f, flags), &m) : -ENOMEM;
    if (r >= 0 && scatter(v, h->vector_count, buffer, (size_t)(r < size ? r : size)))
        r = -EFAULT;
    if (r >= 0) {
        int e = control_to_user(h, &m, flags);
        r = e ? e : r;
    }
    if (r >= 0 && h->name) {
        int n = h->name_size < 0 ? 0 : h->name_size < (int)m.address.size ? h->name_size : (int)m.address.size;
        r = copy_to_user((void USER *)h->name, m.address.bytes, (size_t)n) ? -EFAULT : r;
    }
    h->name_size = (int)m.address.size;
    h->flags = m.flags | (flags & MSG_CMSG_CLOEXEC);
    socket_files_put(&m);
    kfree(buffer);
    kfree(v);
    return r;
}

static long with_message(int fd, struct message_header *h, int flags, bool send)
{
    struct file *f;
    struct socket *s;
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    long n = send ? send_message(f, s, h, flags) : receive_message(f, s, h, flags);
    file_put(f);
    return n;
}

// What the program learns of a message besides its bytes.
static int header_to_user(void USER *at, const struct message_header *h)
{
    struct message_header USER *to = (struct message_header USER *)at;
    if (h->name && PUT_USER(h->name_size, &to->name_size))
        return -EFAULT;
    return PUT_USER(h->control_size, &to->control_size) || PUT_USER(h->flags, &to->flags) ? -EFAULT : 0;
}

long sys_sendmsg(int fd, const void USER *message, int flags)
{
    struct message_header h;
    if (GET_USER(h, (const struct message_header USER *)message))
        return -EFAULT;
    return with_message(fd, &h, flags, true);
}

long sys_recvmsg(int fd, void USER *message, int flags)
{
    struct message_header h;
    if (GET_USER(h, (const struct message_header USER *)message))
        return -EFAULT;
    long n = with_message(fd, &h, flags, false);
    return n >= 0 && header_to_user(message, &h) ? -EFAULT : n;
}

// One buffer: the vector is in kernel memory, so these go beside send_message.
long sys_sendto(int fd, const void USER *buffer, size_t size, int flags, const void USER *address, int address_size)
{
    struct file *f;
    struct socket *s;
    struct socket_message m = {0};
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    size = size < TOTAL_MOST ? size : TOTAL_MOST;
    uint8_t *copy = kmalloc(size + 1);
    r = copy ? copy_from_user(copy, buffer, size) : -ENOMEM;
    if (!r && address && address_size)
        r = socket_address_from_user(address, address_size, &m.address);
    long n = r ? r : s->ops->send(s, copy, size, effective(f, flags), &m);
    kfree(copy);
    file_put(f);
    return n;
}

long sys_recvfrom(int fd, void USER *buffer, size_t size, int flags, void USER *address, void USER *address_size)
{
    struct file *f;
    struct socket *s;
    struct socket_message m = {0};
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    size_t most = s->type == SOCK_STREAM && !(flags & MSG_WAITALL) ? PIECE : TOTAL_MOST;
    size = size < most ? size : most;
    uint8_t *copy = kmalloc(size + 1);
    long n = copy ? s->ops->receive(s, copy, size, effective(f, flags), &m) : -ENOMEM;
    if (n > 0 && copy_to_user(buffer, copy, (size_t)n < size ? (size_t)n : size))
        n = -EFAULT;
    if (n >= 0 && address && (r = socket_address_to_user(&m.address, address, address_size)))
        n = r;
    socket_files_put(&m);
    kfree(copy);
    file_put(f);
    return n;
}

// How many messages went; an error only when none did.
static long many(int fd, void USER *vector, unsigned count, int flags, bool send, uint64_t deadline)
{
    struct mmsghdr_layout USER *at = (struct mmsghdr_layout USER *)vector;
    unsigned done = 0;
    long n = 0;
    count = count < MESSAGES_MOST ? count : MESSAGES_MOST;
    for (; done < count; done++) {
        struct message_header h;
        n = GET_USER(h, &at[done].header);
        if (!n)
            n = with_message(fd, &h, flags & ~MSG_WAITFORONE, send);
        if (n >= 0 && !send && header_to_user(&at[done].header, &h))
            n = -EFAULT;
        const uint32_t length = (uint32_t)n;
        if (n >= 0 && PUT_USER(length, &at[done].length))
            n = -EFAULT;
        if (n < 0)
            break;
        if (flags & MSG_WAITFORONE)
            flags |= MSG_DONTWAIT;
        if (deadline != UINT64_MAX && clock_monotonic_ns() >= deadline) {
            done++;
            break;
        }
    }
    return done ? (long)done : n;
}

long sys_sendmmsg(int fd, void USER *vector, unsigned count, int flags)
{
    return many(fd, vector, count, flags, true, UINT64_MAX);
}

// The time-out is looked at after each message only, as Linux does (man 2 recvmmsg, BUGS).
long sys_recvmmsg(int fd, void USER *vector, unsigned count, int flags, const void USER *timeout)
{
    uint64_t deadline = UINT64_MAX;
    int r = timeout ? deadline_from_timespec(timeout, &deadline) : 0;
    return r ? r : many(fd, vector, count, flags, false, deadline);
}
