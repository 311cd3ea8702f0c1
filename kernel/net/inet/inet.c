// SPDX-License-Identifier: MIT
#include "kernel/net/inet/inet.h"

#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/poll.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/net/inet/host.h"
#include "kernel/signal/signal.h"
#include "kernel/vfs/poll_host.h"

enum { PASSED_ON = MSG_OOB | MSG_PEEK | MSG_ERRQUEUE }; // the rest is done here

struct inet_socket {
    struct socket base;
    int fd; // the host's
    bool listening, connecting;
    bool beside; // something may come beside the bytes of a datagram: an option was set that asks for it
};

static struct inet_socket *inet_of(struct socket *s)
{
    return (struct inet_socket *)(void *)s;
}

static int fd_of(struct socket *s)
{
    return inet_of(s)->fd;
}

static int inet_bind(struct socket *s, const struct socket_address *a)
{
    return host_with_address(__NR_bind, fd_of(s), a);
}

static int take_error(struct socket *s)
{
    struct socket_option o = {0};
    int error = 0, r = host_get_option(fd_of(s), SOL_SOCKET, SO_ERROR, sizeof(error), &o);
    memcpy(&error, o.bytes, sizeof(error));
    return r ? -r : error & 0xfff;
}

// A call that was interrupted while it waited goes on waiting when it is made again.
static int inet_connect(struct socket *s, const struct socket_address *a, bool wait)
{
    struct inet_socket *i = inet_of(s);
    uint64_t deadline = socket_deadline(s->send_time_ns);
    int r = i->connecting && wait ? -EINPROGRESS : host_with_address(__NR_connect, i->fd, a);
    if (r != -EINPROGRESS || !wait)
        return r;
    i->connecting = true;
    do {
        r = host_wait(i->fd, POLLOUT, deadline);
    } while (!r && !(host_events(i->fd) & (POLLOUT | POLLERR | POLLHUP)));
    if (r)
        return r == -EAGAIN ? -EINPROGRESS : r;
    i->connecting = false;
    r = -take_error(s);
    if (!r)
        r = host_with_address(__NR_connect, i->fd, a); // says so once: now the host takes the socket for connected
    return r == -EISCONN ? 0 : r;
}

static int inet_listen(struct socket *s, int backlog)
{
    int r = host_with_number(__NR_listen, fd_of(s), backlog);
    if (!r)
        inet_of(s)->listening = true;
    return r;
}

static int wrap(int domain, int type, int protocol, int fd, struct socket **ret);

static int inet_accept(struct socket *s, bool wait, struct socket **ret)
{
    uint64_t deadline = socket_deadline(s->receive_time_ns);
    for (;;) {
        int fd = host_accept(fd_of(s));
        if (fd >= 0) {
            int r = wrap(s->domain, s->type, s->protocol, fd, ret);
            if (r)
                host_socket_close(fd);
            return r;
        }
        if (fd != -EAGAIN || !wait)
            return fd;
        int r = host_wait(fd_of(s), POLLIN, deadline);
        if (r)
            return r;
    }
}

static int inet_name(struct socket *s, bool peer, struct socket_address *ret)
{
    return host_name(peer, fd_of(s), ret);
}

static long inet_send(struct socket *s, const void *from, size_t size, int flags, struct socket_message *m)
{
    uint64_t deadline = socket_deadline(s->send_time_ns);
    size_t done = 0;
    long r;
    do {
        r = m->control_size ? host_send_message(fd_of(s), from, size, flags & PASSED_ON, m)
                            : host_send(fd_of(s), (const uint8_t *)from + done, size - done, flags & PASSED_ON, &m->address);
        if (r >= 0)
            done += (size_t)r;
        else if (r == -EAGAIN && !(flags & MSG_DONTWAIT) && !(r = host_wait(fd_of(s), POLLOUT, deadline)))
            continue;
        if (r < 0 || s->type != SOCK_STREAM)
            break;
    } while (done < size);
    if (r == -EAGAIN)
        poll_host_changed(); // it is full: who was told that it is writable waits for that anew
    if (r == -EPIPE && s->type == SOCK_STREAM && !(flags & MSG_NOSIGNAL))
        signal_send_self(SIGPIPE);
    return done || r >= 0 ? (long)done : r;
}

static long receive_datagram(struct socket *s, void *to, size_t size, int flags, struct socket_message *m)
{
    bool beside = (inet_of(s)->beside && m->wants_control) || (flags & MSG_ERRQUEUE);
    long n = beside ? host_receive_message(fd_of(s), to, size, flags & PASSED_ON, m)
                    : host_receive(fd_of(s), to, size, flags & PASSED_ON, /* datagram= */ true, &m->address);
    if (n <= (long)size)
        return n;
    m->flags |= MSG_TRUNC;
    return flags & MSG_TRUNC ? n : (long)size;
}

static long inet_receive(struct socket *s, void *to, size_t size, int flags, struct socket_message *m)
{
    uint64_t deadline = socket_deadline(s->receive_time_ns);
    bool stream = s->type == SOCK_STREAM, all = stream && (flags & MSG_WAITALL) && !(flags & MSG_PEEK);
    size_t done = 0;
    m->flags = 0;
    for (;;) {
        long n = stream ? host_receive(fd_of(s), (uint8_t *)to + done, size - done, flags & PASSED_ON, false, NULL)
                        : receive_datagram(s, to, size, flags, m);
        if (!stream && n >= 0)
            return n;
        done += n > 0 ? (size_t)n : 0;
        if (n >= 0 && (!n || !all || done == size))
            return (long)done;
        if (n == -EAGAIN && !(flags & (MSG_DONTWAIT | MSG_ERRQUEUE)))
            n = host_wait(fd_of(s), POLLIN, deadline);
        if (n < 0)
            return done ? (long)done : n;
    }
}

static int inet_shutdown(struct socket *s, int how)
{
    return host_with_number(__NR_shutdown, fd_of(s), how);
}

static unsigned inet_poll(struct socket *s, struct poll_table *table)
{
    return poll_host(table, fd_of(s), host_events);
}

static int inet_waiting(struct socket *s)
{
    return host_waiting_bytes(fd_of(s));
}

static bool inet_listening(struct socket *s)
{
    return inet_of(s)->listening;
}

static int inet_peer(struct socket *s, struct socket_peer *ret)
{
    return 0; // nobody
}

static bool asks_for_more(int name)
{
    switch (name) {
    case SO_TIMESTAMP_OLD:
    case SO_TIMESTAMPNS_OLD:
    case SO_TIMESTAMPING_OLD:
    case SO_TIMESTAMP_NEW:
    case SO_TIMESTAMPNS_NEW:
    case SO_TIMESTAMPING_NEW:
    case SO_RXQ_OVFL:
    case SO_RCVMARK:
        return true;
    default:
        return false;
    }
}

static int inet_set_option(struct socket *s, int level, int name, const struct socket_option *value)
{
    int r = host_set_option(fd_of(s), level, name, value);
    if (!r && s->type != SOCK_STREAM && (level != SOL_SOCKET || asks_for_more(name)))
        inet_of(s)->beside = true;
    return r;
}

static int inet_get_option(struct socket *s, int level, int name, uint32_t room, struct socket_option *ret)
{
    return host_get_option(fd_of(s), level, name, room, ret);
}

static void inet_release(struct socket *s)
{
    host_socket_close(fd_of(s));
    kfree(s);
}

static const struct socket_ops inet_ops = {
    .takes_control = true,
    .bind = inet_bind,
    .connect = inet_connect,
    .listen = inet_listen,
    .accept = inet_accept,
    .name = inet_name,
    .send = inet_send,
    .receive = inet_receive,
    .shutdown = inet_shutdown,
    .poll = inet_poll,
    .host_fd = fd_of,
    .take_error = take_error,
    .waiting = inet_waiting,
    .listening = inet_listening,
    .peer = inet_peer,
    .set_option = inet_set_option,
    .get_option = inet_get_option,
    .release = inet_release,
};

static int wrap(int domain, int type, int protocol, int fd, struct socket **ret)
{
    struct inet_socket *i = kzalloc(sizeof(*i));
    if (!i)
        return -ENOMEM;
    i->base.ops = &inet_ops;
    i->fd = fd;
    socket_prepare(&i->base, domain, type, protocol);
    *ret = &i->base;
    return 0;
}

int inet_socket_new(int domain, int type, int protocol, struct socket **ret)
{
    int fd = host_socket(domain, type, protocol);
    if (fd < 0)
        return fd;
    int r = wrap(domain, type, protocol, fd, ret);
    if (r)
        host_socket_close(fd);
    return r;
}
