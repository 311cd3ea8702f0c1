// SPDX-License-Identifier: MIT
//
// Life of an AF_UNIX socket: pairs, connections, shutdown, the end. Names and queues have files of their own.
#include "kernel/net/unix/unix.h"

#include <linux/errno.h>
#include <linux/poll.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/task/task.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/poll.h"

enum { FAMILY_SIZE = 2, BACKLOG_MOST = 4096 };

struct mutex unix_lock;

struct unix_socket *unix_get_locked(struct unix_socket *u)
{
    u->references++;
    return u;
}

void unix_put(struct unix_socket *u)
{
    if (!u)
        return;
    mutex_lock(&unix_lock);
    bool last = !--u->references;
    mutex_unlock(&unix_lock);
    if (last)
        kfree(u);
}

struct socket_peer unix_own_credentials(void)
{
    const struct thread *t = current_thread();
    return (struct socket_peer){t->process->pid, t->cred.euid, t->cred.egid};
}

static void changed(struct unix_socket *u)
{
    waitq_wake(&u->readable, ~0u);
    waitq_wake(&u->room, ~0u);
}

static void join_locked(struct unix_socket *a, struct unix_socket *b)
{
    a->peer = unix_get_locked(b);
    b->peer = unix_get_locked(a);
    a->connected = b->connected = true;
}

void unix_pair(struct socket *a, struct socket *b)
{
    mutex_lock(&unix_lock);
    join_locked(unix_of(a), unix_of(b));
    mutex_unlock(&unix_lock);
}

static int unix_listen(struct socket *s, int backlog)
{
    struct unix_socket *u = unix_of(s);
    int r = 0;
    if (s->type == SOCK_DGRAM)
        return -EOPNOTSUPP;
    mutex_lock(&unix_lock);
    if (!u->name.size || u->connected) {
        r = -EINVAL;
    } else {
        u->listening = true;
        u->backlog = backlog < 0 || backlog > BACKLOG_MOST ? BACKLOG_MOST : (unsigned)backlog;
        u->credentials = unix_own_credentials();
    }
    mutex_unlock(&unix_lock);
    return r;
}

// The other end of a connection, which waits to be accepted.
static int enqueue_locked(struct unix_socket *u, struct unix_socket *listener, struct unix_socket *made)
{
    if (listener->closed || !listener->listening)
        return -ECONNREFUSED;
    if (listener->pending_count > listener->backlog)
        return -EAGAIN;
    made->base.type = u->base.type;
    made->base.domain = u->base.domain;
    made->base.send_size = made->base.receive_size = u->base.send_size;
    made->name = listener->name;
    made->credentials = listener->credentials;
    made->base.pass_credentials = listener->base.pass_credentials;
    join_locked(u, made);
    u->credentials = unix_own_credentials();
    struct unix_socket **at = &listener->pending;
    while (*at)
        at = &(*at)->next_pending;
    *at = made;
    listener->pending_count++;
    return 0;
}

static bool backlog_has_room(const struct unix_socket *listener)
{
    mutex_lock(&unix_lock);
    bool room = listener->closed || listener->pending_count <= listener->backlog;
    mutex_unlock(&unix_lock);
    return room;
}

static int connect_stream(struct unix_socket *u, struct unix_socket *listener, bool wait)
{
    struct socket *made;
    uint64_t deadline = socket_deadline(u->base.send_time_ns);
    int r = unix_socket_new(&made);
    while (!r) {
        mutex_lock(&unix_lock);
        r = u->connected ? -EISCONN : u->listening ? -EINVAL : enqueue_locked(u, listener, unix_of(made));
        mutex_unlock(&unix_lock);
        if (!r) {
            changed(listener);
            return 0;
        }
        if (r == -EAGAIN && wait)
            r = wait_event(&listener->room, backlog_has_room(listener), deadline);
    }
    if (made)
        made->ops->release(made);
    return r == -ETIMEDOUT ? -EAGAIN : r;
}

static void connect_datagrams(struct unix_socket *u, struct unix_socket *to)
{
    mutex_lock(&unix_lock);
    struct unix_socket *old = u->peer;
    u->peer = to ? unix_get_locked(to) : NULL;
    u->connected = to;
    mutex_unlock(&unix_lock);
    unix_put(old);
}

static int unix_connect(struct socket *s, const struct socket_address *a, bool wait)
{
    struct unix_socket *u = unix_of(s), *to;
    uint16_t family = AF_UNSPEC;
    memcpy(&family, a->bytes, a->size < sizeof(family) ? a->size : sizeof(family));
    if (s->type == SOCK_DGRAM && family == AF_UNSPEC && a->size >= FAMILY_SIZE) {
        connect_datagrams(u, NULL);
        return 0;
    }
    int r = unix_find(a, s->type, &to);
    if (r)
        return r;
    if (s->type == SOCK_DGRAM)
        connect_datagrams(u, to);
    else
        r = connect_stream(u, to, wait);
    unix_put(to);
    return r;
}

static bool can_accept(const struct unix_socket *u)
{
    return __atomic_load_n(&u->pending, __ATOMIC_ACQUIRE) || __atomic_load_n(&u->no_receive, __ATOMIC_ACQUIRE);
}

static int unix_accept(struct socket *s, bool wait, struct socket **ret)
{
    struct unix_socket *u = unix_of(s);
    uint64_t deadline = socket_deadline(s->receive_time_ns);
    for (;;) {
        mutex_lock(&unix_lock);
        int r = s->type == SOCK_DGRAM ? -EOPNOTSUPP : !u->listening || u->no_receive ? -EINVAL : u->pending ? 0 : -EAGAIN;
        if (!r) {
            struct unix_socket *made = u->pending;
            u->pending = made->next_pending;
            u->pending_count--;
            *ret = &made->base;
        }
        mutex_unlock(&unix_lock);
        if (!r)
            waitq_wake(&u->room, ~0u);
        if (r != -EAGAIN || !wait)
            return r;
        r = wait_event(&u->readable, can_accept(u), deadline);
        if (r)
            return r == -ETIMEDOUT ? -EAGAIN : r;
    }
}

static int unix_name(struct socket *s, bool peer, struct socket_address *ret)
{
    const uint16_t family = AF_UNIX;
    struct unix_socket *u = unix_of(s);
    mutex_lock(&unix_lock);
    const struct unix_socket *whose = peer ? u->peer : u;
    if (whose)
        *ret = whose->name;
    mutex_unlock(&unix_lock);
    if (whose && !ret->size) {
        ret->size = sizeof(family);
        memcpy(ret->bytes, &family, sizeof(family));
    }
    return whose ? 0 : -ENOTCONN;
}

static int unix_shutdown(struct socket *s, int how)
{
    struct unix_socket *u = unix_of(s), *peer = NULL;
    if (how < SHUTDOWN_READ || how > SHUTDOWN_BOTH)
        return -EINVAL;
    mutex_lock(&unix_lock);
    u->no_receive |= how != SHUTDOWN_WRITE;
    u->no_send |= how != SHUTDOWN_READ;
    if (u->peer && s->type != SOCK_DGRAM)
        peer = unix_get_locked(u->peer);
    mutex_unlock(&unix_lock);
    changed(u);
    if (peer)
        changed(peer);
    unix_put(peer);
    return 0;
}

static unsigned connection_events(const struct unix_socket *u)
{
    const struct unix_socket *peer = u->peer;
    bool peer_gone = u->connected && (!peer || peer->closed);
    bool in_ended = u->no_receive || peer_gone || (peer && peer->no_send),
         out_ended = u->no_send || peer_gone || (peer && peer->no_receive);
    unsigned events = (u->first || in_ended ? POLLIN | POLLRDNORM : 0u) | (in_ended ? POLLRDHUP : 0u);
    events |= peer_gone || (u->no_receive && u->no_send) || !u->connected ? POLLHUP : 0u;
    events |= out_ended || !u->connected || (peer && unix_has_room(u, peer, 1)) ? POLLOUT | POLLWRNORM : 0u;
    return events | (u->error ? POLLERR : 0u);
}

static unsigned datagram_events(const struct unix_socket *u)
{
    unsigned events = (u->first || u->no_receive ? POLLIN | POLLRDNORM : 0u) | (u->error ? POLLERR : 0u);
    events |= u->no_receive ? POLLRDHUP : 0u;
    events |= u->no_receive && u->no_send ? POLLHUP : 0u;
    return events | (!u->peer || u->peer->closed || unix_has_room(u, u->peer, 1) ? POLLOUT | POLLWRNORM : 0u);
}

static unsigned unix_poll(struct socket *s, struct poll_table *table)
{
    struct unix_socket *u = unix_of(s);
    poll_wait(table, &u->readable);
    mutex_lock(&unix_lock);
    if (s->type != SOCK_DGRAM && u->peer) // stays until this socket's file goes, and a poll ends before its files do
        poll_wait_for(table, &u->peer->room, POLLOUT | POLLWRNORM);
    else if (table && u->peer && !unix_has_room(u, u->peer, 1))
        table->unwatched = true; // may be connected to another meanwhile
    unsigned events = u->listening             ? (u->pending ? POLLIN | POLLRDNORM : 0u)
                      : s->type == SOCK_DGRAM ? datagram_events(u)
                                               : connection_events(u);
    mutex_unlock(&unix_lock);
    return events;
}

static int unix_take_error(struct socket *s)
{
    struct unix_socket *u = unix_of(s);
    mutex_lock(&unix_lock);
    int r = -u->error;
    u->error = 0;
    mutex_unlock(&unix_lock);
    return r;
}

static bool unix_listening(struct socket *s)
{
    return __atomic_load_n(&unix_of(s)->listening, __ATOMIC_RELAXED);
}

static int unix_peer(struct socket *s, struct socket_peer *ret)
{
    struct unix_socket *u = unix_of(s);
    mutex_lock(&unix_lock);
    if (u->listening)
        *ret = u->credentials;
    else if (u->peer)
        *ret = u->peer->credentials;
    mutex_unlock(&unix_lock);
    return 0;
}

// The peer reads what is there, then the end; what it had sent and nobody read is an error to it, and so is a connection that nobody
// accepted. It goes on looking at this socket, which lives as long as that.
static struct unix_socket *leave_peer_locked(struct unix_socket *u, bool refused)
{
    struct unix_socket *peer = u->peer;
    if (peer && u->base.type != SOCK_DGRAM && (u->first || refused))
        peer->error = -ECONNRESET;
    u->peer = NULL;
    return peer;
}

static void end(struct unix_socket *u, bool refused)
{
    struct node *node;
    mutex_lock(&unix_lock);
    u->closed = true;
    unix_unbind_locked(u, &node);
    struct unix_socket *peer = leave_peer_locked(u, refused), *pending = u->pending;
    struct unix_packet *packets = unix_take_queue_locked(u);
    u->pending = NULL;
    u->pending_count = 0;
    mutex_unlock(&unix_lock);
    changed(u);
    if (peer)
        changed(peer);
    while (pending) {
        struct unix_socket *next = pending->next_pending;
        end(pending, /* refused= */ true);
        pending = next;
    }
    unix_packets_free(packets);
    unix_put(peer);
    unix_put(u);
    node_put(node);
}

static void unix_release(struct socket *s)
{
    end(unix_of(s), /* refused= */ false);
}

static const struct socket_ops unix_ops = {
    .bind = unix_bind,
    .connect = unix_connect,
    .listen = unix_listen,
    .accept = unix_accept,
    .name = unix_name,
    .send = unix_send,
    .receive = unix_receive,
    .shutdown = unix_shutdown,
    .poll = unix_poll,
    .take_error = unix_take_error,
    .waiting = unix_waiting,
    .listening = unix_listening,
    .peer = unix_peer,
    .release = unix_release,
};

int unix_socket_new(struct socket **ret)
{
    struct unix_socket *u = kzalloc(sizeof(*u));
    *ret = u ? &u->base : NULL;
    if (!u)
        return -ENOMEM;
    u->base.ops = &unix_ops;
    u->references = 1;
    u->credentials = unix_own_credentials();
    return 0;
}
