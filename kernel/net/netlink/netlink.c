// SPDX-License-Identifier: MIT
//
// Ports, queues and options of netlink sockets. One lock for all: critical sections are copies.
#include "kernel/net/netlink/netlink.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/netlink.h>
#include <linux/poll.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/vfs/poll.h"

enum { OPTIONS = 13, GROUPS = 32, HEADROOM = 32, FIRST_PRIVATE_PORT = -4097 };

struct netlink_socket {
    struct socket base;
    struct waitq readable, room; // something came; something was received
    /* guarded by lock: */
    uint32_t references; // the file's and those of netlink_get
    struct netlink_socket *next; // among those with a port
    uint32_t port, to;           // its own, 0: not yet; whom connect named
    uint32_t groups, to_groups;
    bool closed;
    bool congested, overrun; // something was dropped since the queue was empty last; nobody has been told of it
    struct netlink_packet *first, **last;
    size_t queued; // bytes
    int options[OPTIONS]; // SOL_NETLINK; kept, and some of them obeyed
};

static struct mutex lock;
/* guarded by lock: */
static struct netlink_socket *bound;

static const struct socket_ops netlink_ops;

static struct netlink_socket *netlink_of(struct socket *s)
{
    return (struct netlink_socket *)(void *)s;
}

struct netlink_socket *netlink_get(struct socket *s)
{
    if (s->ops != &netlink_ops)
        return NULL;
    mutex_lock(&lock);
    netlink_of(s)->references++;
    mutex_unlock(&lock);
    return netlink_of(s);
}

void netlink_put(struct netlink_socket *n)
{
    if (!n)
        return;
    mutex_lock(&lock);
    bool last = !--n->references;
    mutex_unlock(&lock);
    if (!last)
        return;
    for (struct netlink_packet *p = n->first, *next; p; p = next) {
        next = p->next;
        kfree(p);
    }
    kfree(n);
}

struct netlink_packet *netlink_packet_new(const void *data, size_t size)
{
    struct netlink_packet *p = kmalloc(sizeof(*p) + size);
    if (!p)
        return NULL;
    *p = (struct netlink_packet){.size = size};
    if (data)
        memcpy(p->data, data, size);
    return p;
}

void netlink_deliver(struct netlink_socket *n, struct netlink_packet *p)
{
    mutex_lock(&lock);
    bool gone = n->closed;
    if (!gone) {
        *n->last = p;
        n->last = &p->next;
        n->queued += p->size;
    }
    mutex_unlock(&lock);
    if (gone)
        kfree(p);
    else
        (void)waitq_wake(&n->readable, UINT32_MAX);
}

static struct netlink_socket *find_locked(uint32_t port)
{
    struct netlink_socket *n = bound;
    while (n && n->port != port)
        n = n->next;
    return n;
}

static int take_port_locked(struct netlink_socket *n, uint32_t port)
{
    if (find_locked(port))
        return -EADDRINUSE;
    n->port = port;
    n->next = bound;
    bound = n;
    return 0;
}

// The process's number for its first socket, then numbers that no process has.
static void take_any_port_locked(struct netlink_socket *n)
{
    uint32_t port = (uint32_t)current_process()->pid;
    for (int32_t private = FIRST_PRIVATE_PORT; !n->port && take_port_locked(n, port); private--)
        port = (uint32_t)private;
}

static int get_address(const struct socket_address *a, struct sockaddr_nl *ret)
{
    if (a->size < sizeof(*ret))
        return -EINVAL;
    memcpy(ret, a->bytes, sizeof(*ret));
    return ret->nl_family == AF_NETLINK ? 0 : -EINVAL;
}

static void put_address(uint32_t port, uint32_t groups, struct socket_address *ret)
{
    const struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups};
    ret->size = sizeof(a);
    memcpy(ret->bytes, &a, sizeof(a));
}

static int netlink_bind(struct socket *s, const struct socket_address *to)
{
    struct netlink_socket *n = netlink_of(s);
    struct sockaddr_nl a;
    int r = get_address(to, &a);
    if (r)
        return r;
    mutex_lock(&lock);
    if (n->port)
        r = n->port == a.nl_pid ? 0 : -EINVAL;
    else if (a.nl_pid)
        r = take_port_locked(n, a.nl_pid);
    else
        take_any_port_locked(n);
    if (!r)
        n->groups = a.nl_groups;
    mutex_unlock(&lock);
    return r;
}

static int netlink_connect(struct socket *s, const struct socket_address *to, bool wait)
{
    struct netlink_socket *n = netlink_of(s);
    struct sockaddr_nl a = {0};
    uint16_t family;
    if (to->size < sizeof(family))
        return -EINVAL;
    memcpy(&family, to->bytes, sizeof(family));
    int r = family == AF_UNSPEC ? 0 : get_address(to, &a);
    if (!r && (a.nl_pid || a.nl_groups) && !capable(CAP_NET_ADMIN))
        r = -EPERM;
    if (r)
        return r;
    mutex_lock(&lock);
    if (family != AF_UNSPEC)
        take_any_port_locked(n);
    n->to = a.nl_pid;
    n->to_groups = a.nl_groups;
    mutex_unlock(&lock);
    return 0;
}

static int netlink_name(struct socket *s, bool peer, struct socket_address *ret)
{
    const struct netlink_socket *n = netlink_of(s);
    mutex_lock(&lock);
    put_address(peer ? n->to : n->port, peer ? n->to_groups : n->groups, ret);
    mutex_unlock(&lock);
    return 0;
}

bool netlink_is_full(const struct netlink_socket *n)
{
    mutex_lock(&lock);
    bool full = !n->closed && n->queued > (size_t)n->base.receive_size;
    mutex_unlock(&lock);
    return full;
}

// To another socket of the enclave.
static long send_to_port(struct netlink_socket *n, uint32_t port, const void *from, size_t size, int flags)
{
    mutex_lock(&lock);
    struct netlink_socket *to = find_locked(port);
    if (to && to->base.protocol == n->base.protocol)
        to->references++;
    else
        to = NULL;
    mutex_unlock(&lock);
    if (!to)
        return -ECONNREFUSED;
    struct netlink_packet *p = netlink_packet_new(from, size);
    int r = p ? 0 : -ENOMEM;
    if (!r && netlink_is_full(to))
        r = flags & MSG_DONTWAIT ? -EAGAIN : wait_event(&to->room, !netlink_is_full(to), socket_deadline(n->base.send_time_ns));
    if (!r) {
        p->sender = n->port;
        netlink_deliver(to, p);
    } else {
        kfree(p);
    }
    netlink_put(to);
    return r == -ETIMEDOUT ? -EAGAIN : r ? r : (long)size;
}

static long netlink_send(struct socket *s, const void *from, size_t size, int flags, struct socket_message *m)
{
    struct netlink_socket *n = netlink_of(s);
    struct sockaddr_nl a = {0};
    if (flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (!size)
        return -ENODATA;
    int r = m->address.size ? get_address(&m->address, &a) : 0;
    if (!r && (a.nl_pid || a.nl_groups) && !capable(CAP_NET_ADMIN))
        r = -EPERM;
    if (!r && size > (size_t)s->send_size - HEADROOM)
        r = -EMSGSIZE;
    if (r)
        return r;
    mutex_lock(&lock);
    take_any_port_locked(n);
    uint32_t to = m->address.size ? a.nl_pid : n->to, port = n->port;
    bool short_acks = n->options[NETLINK_CAP_ACK];
    mutex_unlock(&lock);
    if (to)
        return send_to_port(n, to, from, size, flags);
    route_request(n, port, short_acks, from, size);
    return (long)size;
}

void netlink_overrun(struct netlink_socket *n)
{
    mutex_lock(&lock);
    n->overrun |= !n->congested && !n->options[NETLINK_NO_ENOBUFS];
    n->congested = true;
    mutex_unlock(&lock);
}

static bool take_overrun(struct netlink_socket *n)
{
    mutex_lock(&lock);
    bool overrun = n->overrun;
    n->overrun = false;
    mutex_unlock(&lock);
    return overrun;
}

// -EAGAIN: nothing there.
static long receive_once(struct netlink_socket *n, void *to, size_t size, int flags, struct socket_message *m)
{
    mutex_lock(&lock);
    struct netlink_packet *p = n->first;
    if (p && !(flags & MSG_PEEK)) {
        n->first = p->next;
        n->queued -= p->size;
        if (!n->first) {
            n->last = &n->first;
            n->congested = false;
        }
    }
    if (p) { // under the lock: another may take what is only looked at
        memcpy(to, p->data, p->size < size ? p->size : size);
        put_address(p->sender, 0, &m->address);
    }
    const size_t whole = p ? p->size : 0;
    mutex_unlock(&lock);
    if (!p)
        return -EAGAIN;
    if (!(flags & MSG_PEEK)) {
        kfree(p);
        (void)waitq_wake(&n->room, UINT32_MAX);
    }
    if (whole > size)
        m->flags |= MSG_TRUNC;
    return (long)(whole <= size || (flags & MSG_TRUNC) ? whole : size);
}

static bool has_something(const struct netlink_socket *n)
{
    return __atomic_load_n(&n->first, __ATOMIC_ACQUIRE);
}

static long netlink_receive(struct socket *s, void *to, size_t size, int flags, struct socket_message *m)
{
    struct netlink_socket *n = netlink_of(s);
    uint64_t deadline = socket_deadline(s->receive_time_ns);
    if (flags & MSG_OOB)
        return -EOPNOTSUPP;
    m->flags = 0;
    if (take_overrun(n))
        return -ENOBUFS;
    for (;;) {
        long got = receive_once(n, to, size, flags, m);
        m->has_credentials = got >= 0 && s->pass_credentials; // the kernel's: all zero
        if (got != -EAGAIN || (flags & MSG_DONTWAIT))
            return got;
        int r = wait_event(&n->readable, has_something(n), deadline);
        if (r)
            return r == -ETIMEDOUT ? -EAGAIN : r;
    }
}

static unsigned netlink_poll(struct socket *s, struct poll_table *table)
{
    struct netlink_socket *n = netlink_of(s);
    poll_wait_for(table, &n->readable, POLLIN | POLLRDNORM);
    return (has_something(n) ? POLLIN | POLLRDNORM : 0u) | POLLOUT | POLLWRNORM | POLLWRBAND;
}

static int set_option(struct socket *s, int level, int name, const struct socket_option *value)
{
    struct netlink_socket *n = netlink_of(s);
    int v = 0;
    if (level != SOL_NETLINK)
        return -ENOPROTOOPT;
    memcpy(&v, value->bytes, value->size < sizeof(v) ? 0 : sizeof(v));
    if (name == NETLINK_ADD_MEMBERSHIP || name == NETLINK_DROP_MEMBERSHIP) {
        if (v <= 0 || v > GROUPS)
            return -EINVAL;
        const uint32_t bit = 1u << (v - 1);
        mutex_lock(&lock);
        n->groups = name == NETLINK_ADD_MEMBERSHIP ? n->groups | bit : n->groups & ~bit;
        mutex_unlock(&lock);
        return 0;
    }
    if (name < NETLINK_PKTINFO || name >= OPTIONS || name == NETLINK_LIST_MEMBERSHIPS)
        return -ENOPROTOOPT;
    n->options[name] = v != 0;
    return 0;
}

static int get_option(struct socket *s, int level, int name, uint32_t room, struct socket_option *ret)
{
    const struct netlink_socket *n = netlink_of(s);
    if (level != SOL_NETLINK)
        return -ENOPROTOOPT;
    if (name < NETLINK_PKTINFO || name >= OPTIONS)
        return -ENOPROTOOPT;
    if (name != NETLINK_LIST_MEMBERSHIPS && room < sizeof(int))
        return -EINVAL;
    const uint32_t value = name == NETLINK_LIST_MEMBERSHIPS ? n->groups : (uint32_t)n->options[name];
    ret->size = sizeof(value);
    memcpy(ret->bytes, &value, sizeof(value));
    return 0;
}

static int no_listen(struct socket *s, int backlog)
{
    return -EOPNOTSUPP;
}

static int no_accept(struct socket *s, bool wait, struct socket **ret)
{
    return -EOPNOTSUPP;
}

static int no_shutdown(struct socket *s, int how)
{
    return -EOPNOTSUPP;
}

static int take_error(struct socket *s)
{
    return take_overrun(netlink_of(s)) ? ENOBUFS : 0;
}

static int no_count(struct socket *s)
{
    return -ENOTTY;
}

static bool no_listener(struct socket *s)
{
    return false;
}

static int no_peer(struct socket *s, struct socket_peer *ret)
{
    return 0;
}

static void netlink_release(struct socket *s)
{
    struct netlink_socket *n = netlink_of(s), **link = &bound;
    mutex_lock(&lock);
    n->closed = true;
    while (*link && *link != n)
        link = &(*link)->next;
    if (*link)
        *link = n->next;
    mutex_unlock(&lock);
    (void)waitq_wake(&n->room, UINT32_MAX);
    netlink_put(n);
}

static const struct socket_ops netlink_ops = {
    .own_socket_options = true,
    .bind = netlink_bind,
    .connect = netlink_connect,
    .listen = no_listen,
    .accept = no_accept,
    .name = netlink_name,
    .send = netlink_send,
    .receive = netlink_receive,
    .shutdown = no_shutdown,
    .poll = netlink_poll,
    .take_error = take_error,
    .waiting = no_count,
    .listening = no_listener,
    .peer = no_peer,
    .set_option = set_option,
    .get_option = get_option,
    .release = netlink_release,
};

int netlink_socket_new(int type, int protocol, struct socket **ret)
{
    if (type != SOCK_RAW && type != SOCK_DGRAM)
        return -ESOCKTNOSUPPORT;
    if (protocol != NETLINK_ROUTE)
        return -EPROTONOSUPPORT;
    struct netlink_socket *n = kzalloc(sizeof(*n));
    if (!n)
        return -ENOMEM;
    n->base.ops = &netlink_ops;
    n->references = 1;
    n->last = &n->first;
    socket_prepare(&n->base, AF_NETLINK, type, protocol);
    *ret = &n->base;
    return 0;
}
