// SPDX-License-Identifier: MIT
//
// Sending and receiving. A message waits in the receiver's queue; the sender waits while that is full.
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/net/control.h"
#include "kernel/net/unix/unix.h"
#include "kernel/signal/signal.h"
#include "kernel/time/time.h"
#include "kernel/vfs/file.h"

enum { DATAGRAMS_MOST = 11 }; // net.unix.max_dgram_qlen, and the one that Linux lets in above it

static bool is_stream(const struct unix_socket *u)
{
    return u->base.type == SOCK_STREAM;
}

// How much may wait: what is on its way in a stream is counted for its sender.
static size_t most_queued(const struct unix_socket *from, const struct unix_socket *to)
{
    return (size_t)(is_stream(to) ? from->base.send_size : to->base.receive_size);
}

bool unix_has_room(const struct unix_socket *from, const struct unix_socket *to, size_t size)
{
    size_t most = most_queued(from, to);
    return !to->queued || (to->queued < most && (is_stream(to) || size <= most - to->queued));
}

static struct unix_packet *packet_new(const struct unix_socket *from, const void *data, size_t size, struct socket_message *m)
{
    struct unix_packet *p = kmalloc(sizeof(*p) + size);
    if (!p)
        return NULL;
    *p = (struct unix_packet){.size = size, .message = *m, .shows_sender = from->name.size};
    p->message.address = from->name;
    if (!m->has_credentials)
        p->message.credentials = unix_own_credentials();
    memcpy(p->data, data, size);
    return p;
}

static void append_locked(struct unix_socket *to, struct unix_packet *p)
{
    if (to->last)
        to->last->next = p;
    else
        to->first = p;
    to->last = p;
    to->queued += p->size;
    to->packets++;
}

// What stands against sending, now and for good. 0: nothing.
static int refusal_locked(const struct unix_socket *u, const struct unix_socket *to)
{
    bool datagrams = u->base.type == SOCK_DGRAM;
    if (u->no_send)
        return -EPIPE;
    if (to->closed)
        return datagrams ? -ECONNREFUSED : -EPIPE;
    if (to->no_receive)
        return -EPIPE;
    return datagrams && to->peer && to->peer != u ? -EPERM : 0;
}

static bool must_wait_locked(const struct unix_socket *u, const struct unix_socket *to, size_t size)
{
    return !unix_has_room(u, to, size) || (u->base.type == SOCK_DGRAM && to->peer != u && to->packets >= DATAGRAMS_MOST);
}

static bool may_go_on(const struct unix_socket *u, const struct unix_socket *to, size_t size)
{
    mutex_lock(&unix_lock);
    bool go = refusal_locked(u, to) || !must_wait_locked(u, to, size);
    mutex_unlock(&unix_lock);
    return go;
}

// One packet, or as much of a stream as there is room for.
static long send_once(struct unix_socket *u, struct unix_socket *to, const void *from, size_t size, struct socket_message *m)
{
    mutex_lock(&unix_lock);
    long r = refusal_locked(u, to);
    if (!r && must_wait_locked(u, to, size))
        r = -EAGAIN;
    if (!r) {
        size_t room = most_queued(u, to) - to->queued;
        size_t n = is_stream(u) && size > room ? room : size;
        struct unix_packet *p = packet_new(u, from, n, m);
        r = p ? (long)n : -ENOMEM;
        if (p) {
            p->sent_ns = to->base.stamps ? clock_realtime_ns() : 0;
            append_locked(to, p);
            m->files = NULL; // with the first bytes
            m->file_count = 0;
        }
    }
    mutex_unlock(&unix_lock);
    if (r >= 0)
        waitq_wake(&to->readable, ~0u);
    return r;
}

static long send_all(struct unix_socket *u, struct unix_socket *to, const void *from, size_t size, int flags, struct socket_message *m)
{
    uint64_t deadline = socket_deadline(u->base.send_time_ns);
    size_t done = 0;
    for (;;) {
        long n = send_once(u, to, (const uint8_t *)from + done, size - done, m);
        if (n >= 0 && (done += (size_t)n) >= size)
            return (long)done;
        if (n >= 0)
            continue;
        if (n != -EAGAIN || (flags & MSG_DONTWAIT))
            return done ? (long)done : n;
        int r = wait_event(&to->room, may_go_on(u, to, size - done), deadline);
        if (r)
            return done ? (long)done : r == -ETIMEDOUT ? -EAGAIN : r;
    }
}

// Whom it goes to, with a reference.
static int receiver(struct unix_socket *u, const struct socket_message *m, struct unix_socket **ret)
{
    bool datagrams = u->base.type == SOCK_DGRAM;
    if (m->address.size && datagrams)
        return unix_find(&m->address, SOCK_DGRAM, ret);
    mutex_lock(&unix_lock);
    int r = m->address.size && is_stream(u) ? (u->peer ? -EISCONN : -EOPNOTSUPP) : u->peer ? 0 : -ENOTCONN;
    if (!r)
        *ret = unix_get_locked(u->peer);
    mutex_unlock(&unix_lock);
    return r;
}

long unix_send(struct socket *s, const void *from, size_t size, int flags, struct socket_message *m)
{
    struct unix_socket *u = unix_of(s), *to;
    if (flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (!is_stream(u) && size > (size_t)s->send_size - 32)
        return -EMSGSIZE;
    int r = receiver(u, m, &to);
    if (r)
        return r;
    if (is_stream(u) && !size && !m->file_count) {
        unix_put(to);
        return 0;
    }
    long n = send_all(u, to, from, size, flags, m);
    unix_put(to);
    if (n == -EPIPE && is_stream(u) && !(flags & MSG_NOSIGNAL))
        signal_send_self(SIGPIPE);
    return n;
}

static void remove_first_locked(struct unix_socket *u)
{
    struct unix_packet *p = u->first;
    u->first = p->next;
    if (!u->first)
        u->last = NULL;
    u->packets--;
    kfree(p);
}

// Descriptors and sender go with the first bytes of a packet; a look ahead gives references of its own.
static int give_extras_locked(struct unix_packet *p, struct socket_message *m, bool peek)
{
    struct file **files = p->message.files;
    unsigned count = p->message.file_count;
    if (peek && count) {
        struct file **copy = kmalloc(count * sizeof(struct file *));
        if (!copy)
            return -ENOMEM;
        for (unsigned i = 0; i < count; i++)
            copy[i] = file_get(files[i]);
        files = copy;
    } else {
        p->message.files = NULL;
        p->message.file_count = 0;
    }
    m->files = files;
    m->file_count = count;
    m->credentials = p->message.credentials;
    m->address = p->message.address;
    return 0;
}

struct stamp { // a control message
    struct control head;
    int64_t seconds, part;
};

// SO_TIMESTAMP and relatives: what was sent before somebody wanted to know has the time of its receipt.
static int give_stamp(const struct unix_socket *u, const struct unix_packet *p, struct socket_message *m)
{
    const int option = u->base.stamps;
    const bool in_ns = option == SO_TIMESTAMPNS_OLD || option == SO_TIMESTAMPNS_NEW;
    const uint64_t ns = p->sent_ns ? p->sent_ns : clock_realtime_ns();
    struct stamp *stamp = option ? kmalloc(sizeof(*stamp)) : NULL;
    if (!stamp)
        return option ? -ENOMEM : 0;
    *stamp = (struct stamp){{sizeof(*stamp), SOL_SOCKET, option}, (int64_t)(ns / NS_PER_S), (int64_t)(ns % NS_PER_S) / (in_ns ? 1 : 1000)};
    m->control = (uint8_t *)stamp;
    m->control_size = sizeof(*stamp);
    return 0;
}

static long take_packet_locked(struct unix_socket *u, void *to, size_t size, int flags, struct socket_message *m)
{
    struct unix_packet *p = u->first;
    bool peek = flags & MSG_PEEK;
    int r = give_stamp(u, p, m);
    if (!r)
        r = give_extras_locked(p, m, peek);
    if (r)
        return r;
    size_t whole = p->size, n = whole < size ? whole : size;
    memcpy(to, p->data, n);
    if (n < whole)
        m->flags |= MSG_TRUNC;
    if (!peek) {
        u->queued -= whole;
        remove_first_locked(u);
    }
    return (long)(flags & MSG_TRUNC ? whole : n);
}

static bool same_sender(const struct socket_peer *a, const struct socket_peer *b)
{
    return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

// Bytes of a stream up to `size`, over packets, but never over descriptors.
static long take_bytes_locked(struct unix_socket *u, uint8_t *to, size_t size, bool peek, size_t before, struct socket_message *m)
{
    size_t done = 0;
    struct unix_packet *p = u->first;
    while (p && done < size) {
        struct unix_packet *next = p->next;
        bool first = !before && !done, has_files = p->message.file_count;
        if (!first && (has_files || (u->base.pass_credentials && !same_sender(&p->message.credentials, &m->credentials))))
            break;
        int r = first ? give_extras_locked(p, m, peek) : 0;
        if (r)
            return r;
        size_t left = p->size - p->taken, n = left < size - done ? left : size - done;
        memcpy(to + done, p->data + p->taken, n);
        done += n;
        if (!peek) {
            p->taken += n;
            u->queued -= n;
            if (p->taken == p->size)
                remove_first_locked(u);
        }
        p = next;
        if (has_files)
            break;
    }
    return (long)done;
}

static bool ended_locked(const struct unix_socket *u)
{
    return u->no_receive || (u->connected && (!u->peer || u->peer->closed || u->peer->no_send));
}

// -EAGAIN: nothing there yet.
static long receive_once(struct unix_socket *u, uint8_t *to, size_t size, int flags, size_t before, struct socket_message *m)
{
    mutex_lock(&unix_lock);
    long r;
    if (u->error && !(is_stream(u) && u->first)) { // bytes of a stream come before its error, packets behind it
        r = u->error;
        u->error = 0;
    } else if (is_stream(u)) {
        r = u->first ? take_bytes_locked(u, to, size, flags & MSG_PEEK, before, m)
            : ended_locked(u) ? 0 : !u->connected ? -EINVAL : -EAGAIN;
    } else if (u->first) {
        r = take_packet_locked(u, to, size, flags, m);
    } else {
        bool ended = u->base.type == SOCK_SEQPACKET ? ended_locked(u) : u->no_receive;
        r = ended ? 0 : u->base.type == SOCK_SEQPACKET && !u->connected ? -ENOTCONN : -EAGAIN;
    }
    mutex_unlock(&unix_lock);
    return r;
}

static bool has_something(const struct unix_socket *u)
{
    mutex_lock(&unix_lock);
    bool something = u->first || u->error || u->no_receive || (u->base.type != SOCK_DGRAM && ended_locked(u));
    mutex_unlock(&unix_lock);
    return something;
}

static long receive_all(struct unix_socket *u, uint8_t *to, size_t size, int flags, struct socket_message *m)
{
    uint64_t deadline = socket_deadline(u->base.receive_time_ns);
    bool all = is_stream(u) && (flags & MSG_WAITALL) && !(flags & MSG_PEEK);
    size_t done = 0;
    for (;;) {
        long n = receive_once(u, to + done, size - done, flags, done, m);
        if (n > 0) {
            waitq_wake(&u->room, ~0u);
            done += (size_t)n;
        }
        if (n >= 0 && (!n || !all || done >= size || m->file_count))
            return is_stream(u) ? (long)done : n;
        if (n >= 0)
            continue;
        if (n != -EAGAIN || (flags & MSG_DONTWAIT))
            return done ? (long)done : n;
        int r = wait_event(&u->readable, has_something(u), deadline);
        if (r)
            return done ? (long)done : r == -ETIMEDOUT ? -EAGAIN : r;
    }
}

long unix_receive(struct socket *s, void *to, size_t size, int flags, struct socket_message *m)
{
    struct unix_socket *u = unix_of(s);
    if (flags & MSG_OOB)
        return is_stream(u) ? -EINVAL : -EOPNOTSUPP;
    m->flags = 0;
    long n = receive_all(u, to, size, flags, m);
    m->has_credentials = s->pass_credentials && n >= 0;
    if (is_stream(u))
        m->address.size = 0;
    return n;
}

int unix_waiting(struct socket *s)
{
    struct unix_socket *u = unix_of(s);
    mutex_lock(&unix_lock);
    int r = u->listening ? -EINVAL : u->base.type != SOCK_DGRAM ? (int)u->queued : u->first ? (int)u->first->size : 0;
    mutex_unlock(&unix_lock);
    return r;
}

struct unix_packet *unix_take_queue_locked(struct unix_socket *u)
{
    struct unix_packet *p = u->first;
    u->first = u->last = NULL;
    u->queued = 0;
    u->packets = 0;
    return p;
}

void unix_packets_free(struct unix_packet *p)
{
    while (p) {
        struct unix_packet *next = p->next;
        socket_files_put(&p->message);
        kfree(p);
        p = next;
    }
}
