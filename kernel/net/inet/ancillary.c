// SPDX-License-Identifier: MIT
//
// Datagrams with what goes beside them: sendmsg(2) and recvmsg(2) of the host.
//
// What a hostile host can try here, and the answer:
// - give ancillary data that is none, or of a size that it cannot have: it is left out, as programs do not look twice.
// - give descriptors or credentials: they are not of the kinds that are known here.
// - answer with more bytes than there is room for: stops the enclave.
// - change it after answering: bytes are copied in once.
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/udp.h>

#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/net/control.h"
#include "kernel/net/inet/host.h"

// Where things stand in the bounce buffer.
enum { HEADER_AT = 0, VECTOR_AT = 64, ADDRESS_AT = 128, CONTROL_AT = 256, CONTROL_ROOM = 1024, DATA_AT = 2048 };
enum { DATAGRAM_MOST = 65535, ERROR_MOST = 4095 };
enum { SHOWN_FLAGS = MSG_TRUNC | MSG_CTRUNC | MSG_EOR | MSG_ERRQUEUE };
enum { ERROR_LEAST = 16, ERROR_ADDRESS_MOST = 28, TIMES = 48 }; // struct sock_extended_err, sockaddr_in6, scm_timestamping

struct host_message { // struct msghdr
    uint64_t name;
    uint32_t name_size, padding;
    uint64_t vector, vector_count, control, control_size;
    uint32_t flags, padding2;
};

static const struct control_rule {
    int level, type;
    size_t least, most; // bytes of data
} rules[] = {
    {IPPROTO_IP, IP_PKTINFO, 12, 12},
    {IPPROTO_IP, IP_TTL, 4, 4},
    {IPPROTO_IP, IP_TOS, 1, 4},
    {IPPROTO_IP, IP_RECVERR, ERROR_LEAST, ERROR_LEAST + ERROR_ADDRESS_MOST},
    {IPPROTO_IP, IP_ORIGDSTADDR, sizeof(struct sockaddr_in), sizeof(struct sockaddr_in)},
    {IPPROTO_IP, IP_RECVFRAGSIZE, 4, 4},
    {IPPROTO_IP, IP_RETOPTS, 0, 40},
    {IPPROTO_IP, IP_RECVOPTS, 0, 40},
    {IPPROTO_IPV6, IPV6_PKTINFO, 20, 20},
    {IPPROTO_IPV6, IPV6_HOPLIMIT, 4, 4},
    {IPPROTO_IPV6, IPV6_TCLASS, 4, 4},
    {IPPROTO_IPV6, IPV6_FLOWINFO, 4, 4},
    {IPPROTO_IPV6, IPV6_RECVERR, ERROR_LEAST, ERROR_LEAST + ERROR_ADDRESS_MOST},
    {IPPROTO_IPV6, IPV6_ORIGDSTADDR, sizeof(struct sockaddr_in6), sizeof(struct sockaddr_in6)},
    {IPPROTO_IPV6, IPV6_RECVFRAGSIZE, 4, 4},
    {IPPROTO_UDP, UDP_GRO, 4, 4},
    {SOL_SOCKET, SO_TIMESTAMP_OLD, 16, 16},
    {SOL_SOCKET, SO_TIMESTAMPNS_OLD, 16, 16},
    {SOL_SOCKET, SO_TIMESTAMPING_OLD, TIMES, TIMES},
    {SOL_SOCKET, SO_TIMESTAMP_NEW, 16, 16},
    {SOL_SOCKET, SO_TIMESTAMPNS_NEW, 16, 16},
    {SOL_SOCKET, SO_TIMESTAMPING_NEW, TIMES, TIMES},
    {SOL_SOCKET, SO_RXQ_OVFL, 4, 4},
    {SOL_SOCKET, SO_MARK, 4, 4},
    {SOL_SOCKET, SO_PRIORITY, 4, 4},
};

static bool is_known(const struct control *c)
{
    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].level == c->level && rules[i].type == c->type)
            return c->size - sizeof(*c) >= rules[i].least && c->size - sizeof(*c) <= rules[i].most;
    return false;
}

// Keeps what is known of `size` bytes of the host's, in place; how many bytes.
static size_t keep_known(uint8_t *bytes, size_t size)
{
    struct control c;
    size_t kept = 0;
    for (size_t at = 0; at < size && size - at >= sizeof(c); at += control_aligned(c.size)) {
        memcpy(&c, bytes + at, sizeof(c));
        if (c.size < sizeof(c) || c.size > size - at)
            break;
        if (!is_known(&c))
            continue;
        memmove(bytes + kept, bytes + at, c.size);
        const size_t padded = control_aligned(c.size);
        kept += padded < size - kept ? padded : size - kept;
    }
    return kept;
}

static void put_header(const struct host_message *h, size_t size)
{
    const uint64_t base = host_bounce(), vector[2] = {base + DATA_AT, size};
    host_write(base + VECTOR_AT, vector, sizeof(vector));
    host_write(base + HEADER_AT, h, sizeof(*h));
}

static int get_control(const struct host_message *h, struct socket_message *m)
{
    if (h->control_size > CONTROL_ROOM)
        host_lied("more ancillary data than there is room for");
    m->control = h->control_size ? kmalloc(h->control_size) : NULL;
    if (!m->control)
        return h->control_size ? -ENOMEM : 0;
    host_read(m->control, host_bounce() + CONTROL_AT, h->control_size);
    m->control_size = (uint32_t)keep_known(m->control, h->control_size);
    return 0;
}

static void get_address(const struct host_message *h, struct socket_address *ret)
{
    uint16_t family = AF_UNSPEC;
    if (h->name_size > SOCKET_ADDRESS_MAX)
        host_lied("an address longer than its room");
    ret->size = h->name_size;
    host_read(ret->bytes, host_bounce() + ADDRESS_AT, ret->size);
    memcpy(&family, ret->bytes, ret->size < sizeof(family) ? ret->size : sizeof(family));
    const uint32_t right = family == AF_INET ? sizeof(struct sockaddr_in) : family == AF_INET6 ? sizeof(struct sockaddr_in6) : 0;
    if (ret->size && ret->size != right)
        host_lied("an address of no family that was asked for");
}

long host_receive_message(int fd, void *to, size_t size, int flags, struct socket_message *m)
{
    const uint64_t base = host_bounce();
    const size_t room = host_bounce_size() - DATA_AT;
    size = size < room ? size : room;
    struct host_message h = {.name = base + ADDRESS_AT, .name_size = SOCKET_ADDRESS_MAX, .vector = base + VECTOR_AT, .vector_count = 1,
                             .control = base + CONTROL_AT, .control_size = CONTROL_ROOM};
    put_header(&h, size);
    long n = host_syscall_now(__NR_recvmsg, (uint64_t)fd, base + HEADER_AT, (uint64_t)(flags | MSG_DONTWAIT | MSG_TRUNC), 0, 0, 0);
    if (n > DATAGRAM_MOST)
        host_lied("more bytes than a datagram has");
    if (n < 0)
        return n < -ERROR_MOST ? -EIO : n;
    host_read(&h, base + HEADER_AT, sizeof(h));
    host_read(to, base + DATA_AT, (size_t)n < size ? (size_t)n : size);
    get_address(&h, &m->address);
    m->flags = (int)h.flags & SHOWN_FLAGS & ~MSG_TRUNC; // that is the receiver's to say
    int r = get_control(&h, m);
    return r ? r : n;
}

long host_send_message(int fd, const void *from, size_t size, int flags, const struct socket_message *m)
{
    const uint64_t base = host_bounce();
    if (m->control_size > CONTROL_ROOM)
        return -ENOBUFS;
    if (size > host_bounce_size() - DATA_AT)
        return -EMSGSIZE;
    const struct host_message h = {.name = m->address.size ? base + ADDRESS_AT : 0,
                                   .name_size = m->address.size,
                                   .vector = base + VECTOR_AT,
                                   .vector_count = 1,
                                   .control = base + CONTROL_AT,
                                   .control_size = m->control_size};
    put_header(&h, size);
    host_write(base + ADDRESS_AT, m->address.bytes, m->address.size);
    host_write(base + CONTROL_AT, m->control, m->control_size);
    host_write(base + DATA_AT, from, size);
    long n = host_syscall_now(__NR_sendmsg, (uint64_t)fd, base + HEADER_AT, (uint64_t)(flags | MSG_NOSIGNAL | MSG_DONTWAIT), 0, 0, 0);
    if (n > (long)size)
        host_lied("more bytes sent than there were");
    return n < -ERROR_MOST ? -EIO : n;
}
