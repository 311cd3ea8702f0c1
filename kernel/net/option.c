// SPDX-License-Identifier: MIT
//
// Options of level SOL_SOCKET (man 7 socket).
#include <linux/errno.h>
#include <linux/time_types.h>

#include "kernel/lib/klib.h"
#include "kernel/net/constants.h"
#include "kernel/net/socket.h"
#include "kernel/time/time.h"

enum { BUFFER_LEAST = 2304, BUFFER_MOST = 425984, US_PER_S = 1000000, NS_PER_US_ = 1000 };

// Kept and told again; they change nothing where nothing leaves the enclave.
static const int plain_options[] = {SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_BROADCAST,
                                    SO_DONTROUTE, SO_PRIORITY,  SO_OOBINLINE, SO_RCVLOWAT};

static int *plain_slot(struct socket *s, int name)
{
    for (unsigned i = 0; i < sizeof(plain_options) / sizeof(plain_options[0]); i++)
        if (plain_options[i] == name)
            return &s->plain[i];
    return NULL;
}

static int give(struct socket_option *ret, const void *value, uint32_t size)
{
    memcpy(ret->bytes, value, size);
    ret->size = size;
    return 0;
}

static int give_int(struct socket_option *ret, int value)
{
    return give(ret, &value, sizeof(value));
}

static int give_time(struct socket_option *ret, uint64_t ns)
{
    const int64_t value[2] = {(int64_t)(ns / NS_PER_S), (int64_t)(ns % NS_PER_S / NS_PER_US_)};
    return give(ret, value, sizeof(value));
}

static int give_peer(struct socket *s, struct socket_option *ret)
{
    struct socket_peer peer = {0, ~0u, ~0u};
    int r = s->ops->peer(s, &peer);
    return r ? r : give(ret, &peer, sizeof(peer));
}

static int get_own(struct socket *s, int name, struct socket_option *ret)
{
    static const int no_linger[2];
    const int *plain = plain_slot(s, name);
    if (plain)
        return give_int(ret, *plain);
    switch (name) {
    case SO_TYPE:
        return give_int(ret, s->type);
    case SO_DOMAIN:
        return give_int(ret, s->domain);
    case SO_PROTOCOL:
        return give_int(ret, s->protocol);
    case SO_ERROR:
        return give_int(ret, s->ops->take_error(s));
    case SO_ACCEPTCONN:
        return give_int(ret, s->ops->listening(s));
    case SO_SNDBUF:
        return give_int(ret, s->send_size);
    case SO_RCVBUF:
        return give_int(ret, s->receive_size);
    case SO_PASSCRED:
        return give_int(ret, s->pass_credentials);
    case SO_PEERCRED:
        return give_peer(s, ret);
    case SO_SNDTIMEO_OLD:
        return give_time(ret, s->send_time_ns);
    case SO_RCVTIMEO_OLD:
        return give_time(ret, s->receive_time_ns);
    case SO_LINGER:
        return give(ret, no_linger, sizeof(no_linger));
    case SO_TIMESTAMP_OLD:
    case SO_TIMESTAMPNS_OLD:
    case SO_TIMESTAMP_NEW:
    case SO_TIMESTAMPNS_NEW:
        return give_int(ret, s->stamps == name);
    default:
        return -ENOPROTOOPT;
    }
}

static int take_time(const struct socket_option *value, uint64_t *ret_ns)
{
    int64_t t[2];
    if (value->size < sizeof(t))
        return -EINVAL;
    memcpy(t, value->bytes, sizeof(t));
    if (t[1] < 0 || t[1] >= US_PER_S)
        return -EDOM;
    *ret_ns = t[0] < 0 ? 1 : (uint64_t)t[0] > UINT64_MAX / 4 / NS_PER_S ? 0 : (uint64_t)t[0] * NS_PER_S + (uint64_t)t[1] * NS_PER_US_;
    return 0;
}

static int doubled(int size)
{
    unsigned most = BUFFER_MOST / 2, n = (unsigned)size < most ? (unsigned)size : most; // as Linux: negative is large
    return n * 2 < BUFFER_LEAST ? BUFFER_LEAST : (int)(n * 2);
}

static int set_own(struct socket *s, int name, const struct socket_option *value)
{
    int v = 0;
    if (name == SO_RCVTIMEO_OLD || name == SO_SNDTIMEO_OLD)
        return take_time(value, name == SO_RCVTIMEO_OLD ? &s->receive_time_ns : &s->send_time_ns);
    if (value->size < sizeof(v))
        return -EINVAL;
    memcpy(&v, value->bytes, sizeof(v));
    int *plain = plain_slot(s, name);
    if (plain) {
        *plain = name == SO_PRIORITY || name == SO_RCVLOWAT ? v : v != 0;
        return 0;
    }
    switch (name) {
    case SO_SNDBUF:
    case SO_SNDBUFFORCE:
        s->send_size = doubled(v);
        return 0;
    case SO_RCVBUF:
    case SO_RCVBUFFORCE:
        s->receive_size = doubled(v);
        return 0;
    case SO_PASSCRED:
        s->pass_credentials = v != 0;
        return 0;
    case SO_TIMESTAMP_OLD:
    case SO_TIMESTAMPNS_OLD:
    case SO_TIMESTAMP_NEW:
    case SO_TIMESTAMPNS_NEW:
        s->stamps = v ? name : 0;
        return 0;
    case SO_LINGER:
        return value->size < 2 * sizeof(v) ? -EINVAL : 0;
    case SO_TYPE:
    case SO_DOMAIN:
    case SO_PROTOCOL:
    case SO_ERROR:
    case SO_ACCEPTCONN:
        return -ENOPROTOOPT;
    default:
        return -ENOPROTOOPT;
    }
}

// What this kernel does itself whatever the family; the rest of SOL_SOCKET is the host's where there is a host's socket.
static bool is_own(int name)
{
    switch (name) {
    case SO_TYPE:
    case SO_DOMAIN:
    case SO_PROTOCOL:
    case SO_ERROR:
    case SO_ACCEPTCONN:
    case SO_SNDTIMEO_OLD:
    case SO_RCVTIMEO_OLD:
    case SO_PEERCRED:
    case SO_PASSCRED:
        return true;
    default:
        return false;
    }
}

static bool is_familys(const struct socket *s, int level, int name)
{
    return level != SOL_SOCKET || !(is_own(name) || s->ops->own_socket_options);
}

int socket_option_get(struct socket *s, int level, int name, uint32_t room, struct socket_option *ret)
{
    if (s->ops->get_option && is_familys(s, level, name))
        return s->ops->get_option(s, level, name, room, ret);
    return level == SOL_SOCKET ? get_own(s, name, ret) : -EOPNOTSUPP;
}

int socket_option_set(struct socket *s, int level, int name, const struct socket_option *value)
{
    if (s->ops->set_option && is_familys(s, level, name))
        return s->ops->set_option(s, level, name, value);
    return level == SOL_SOCKET ? set_own(s, name, value) : -EOPNOTSUPP;
}
