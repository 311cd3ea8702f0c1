// SPDX-License-Identifier: MIT
//
// Sockets as open files, and the list of families.
#include "kernel/net/socket.h"

#include <asm/ioctls.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/sockios.h>
#include <linux/stat.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/net/constants.h"
#include "kernel/net/inet/inet.h"
#include "kernel/net/netdevice.h"
#include "kernel/net/netlink/netlink.h"
#include "kernel/net/unix/unix.h"
#include "kernel/task/capability.h"
#include "kernel/time/time.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

enum { BUFFER_SIZE = 212992 }; // net.core.wmem_default

uint64_t socket_deadline(uint64_t time_ns)
{
    return time_ns ? clock_monotonic_ns() + time_ns : UINT64_MAX;
}

void socket_files_put(struct socket_message *m)
{
    for (unsigned i = 0; i < m->file_count; i++)
        file_put(m->files[i]);
    kfree(m->files);
    kfree(m->control);
    m->control = NULL;
    m->control_size = 0;
    m->files = NULL;
    m->file_count = 0;
}

static int wait_flag(const struct file *f)
{
    return f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

static long socket_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct socket *s = f->context;
    struct socket_message m = {0};
    if (!size)
        return 0;
    long n = s->ops->receive(s, to, size, wait_flag(f), &m);
    socket_files_put(&m); // read(2) drops them
    return n;
}

static long socket_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct socket *s = f->context;
    struct socket_message m = {0};
    return s->ops->send(s, from, size, wait_flag(f), &m);
}

static unsigned socket_poll(struct file *f, struct poll_table *table)
{
    struct socket *s = f->context;
    return s->ops->poll(s, table);
}

static int socket_host_fd(const struct file *f)
{
    struct socket *s = f->context;
    return s->ops->host_fd ? s->ops->host_fd(s) : -1;
}

static long socket_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    struct socket *s = f->context;
    int value = 0;
    switch (request) {
    case FIONREAD:
        value = s->ops->waiting(s);
        break;
    case SIOCOUTQ: // what is sent is with the receiver at once
        break;
    default:
        return netdevice_ioctl(s->domain, request, argument);
    }
    return value < 0 ? value : PUT_USER(value, (int USER *)argument);
}

static void socket_release(struct file *f)
{
    struct socket *s = f->context;
    if (s)
        s->ops->release(s);
}

static const struct file_ops socket_ops = {
    .stream = true,
    .signals_io = true,
    .mode = S_IFSOCK | 0777,
    .read = socket_read,
    .write = socket_write,
    .poll = socket_poll,
    .host_fd = socket_host_fd,
    .ioctl = socket_ioctl,
    .release = socket_release,
};

struct socket *socket_of(const struct file *f)
{
    return f->ops == &socket_ops ? f->context : NULL;
}

int socket_file_new(struct socket *s, uint32_t flags, struct file **ret)
{
    struct file *f = file_new(&socket_ops, O_RDWR | (flags & O_NONBLOCK), NULL);
    if (!f)
        return -ENOMEM;
    f->context = s;
    f->name = "socket:[1]";
    *ret = f;
    return 0;
}

void socket_prepare(struct socket *s, int domain, int type, int protocol)
{
    s->domain = domain;
    s->type = type;
    s->protocol = protocol;
    s->send_size = s->receive_size = BUFFER_SIZE;
}

static int make_unix(int type, int protocol, struct socket **ret)
{
    if (protocol && protocol != AF_UNIX)
        return -EPROTONOSUPPORT;
    if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
        return -ESOCKTNOSUPPORT;
    int r = unix_socket_new(ret);
    if (!r)
        socket_prepare(*ret, AF_UNIX, type, protocol);
    return r;
}

// What the host's user may do besides is the host's to say.
static int make_inet(int domain, int type, int protocol, struct socket **ret)
{
    if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW)
        return -ESOCKTNOSUPPORT;
    return type == SOCK_RAW && !capable(CAP_NET_RAW) ? -EPERM : inet_socket_new(domain, type, protocol, ret);
}

int socket_make(int domain, int type, int protocol, struct socket **ret)
{
    switch (domain) {
    case AF_UNIX:
        return make_unix(type, protocol, ret);
    case AF_INET:
    case AF_INET6:
        return make_inet(domain, type, protocol, ret);
    case AF_NETLINK:
        return netlink_socket_new(type, protocol, ret);
    default:
        return -EAFNOSUPPORT;
    }
}

int socket_make_pair(int domain, int type, int protocol, struct socket *ret[2])
{
    if (domain == AF_INET || domain == AF_INET6 || domain == AF_NETLINK)
        return -EOPNOTSUPP;
    int r = socket_make(domain, type, protocol, &ret[0]);
    if (r)
        return r;
    r = socket_make(domain, type, protocol, &ret[1]);
    if (r) {
        ret[0]->ops->release(ret[0]);
        return r;
    }
    unix_pair(ret[0], ret[1]);
    return 0;
}
