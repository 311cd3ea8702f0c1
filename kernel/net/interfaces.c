// SPDX-License-Identifier: MIT
//
// What a hostile host can try here, and the answer:
// - invent interfaces, addresses and routes: it is the network, and programs learn of it no more than where it ends.
// - answer with what is no message, or with attributes that reach out of it: C libraries believe their kernel, so each message is put
//   together anew, of attributes that are known, have the size that they must have, and text that ends.
// - answer without an end: there is a bound, and what is behind it is left out.
#include "kernel/net/interfaces.h"

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/net/inet/host.h"

enum { PIECE = 32 * 1024, MOST = 1 << 20, NAME_ROOM = 16, HARDWARE_ADDRESS_MOST = 32, STATISTICS_LEAST = 92, STATISTICS_MOST = 256 };
enum { ARPHRD_LOOPBACK = 772, LO_INDEX = 1, LO_MTU = 65536, LO_PREFIX = 8, LO_QUEUE = 1000 };
enum { FLAG_UP = 1, FLAG_LOOPBACK = 8, FLAG_RUNNING = 64, FLAG_LOWER_UP = 1 << 16 }; // IFF_*

struct attribute_rule {
    uint16_t type, least, most; // bytes
    enum { PLAIN, TEXT, ADDRESS } is; // ADDRESS: of the message's family
};

static const struct attribute_rule link_rules[] = {
    {IFLA_ADDRESS, 0, HARDWARE_ADDRESS_MOST, PLAIN},
    {IFLA_BROADCAST, 0, HARDWARE_ADDRESS_MOST, PLAIN},
    {IFLA_IFNAME, 2, NAME_ROOM, TEXT},
    {IFLA_MTU, 4, 4, PLAIN},
    {IFLA_LINK, 4, 4, PLAIN},
    {IFLA_QDISC, 1, NAME_ROOM, TEXT},
    {IFLA_STATS, STATISTICS_LEAST, STATISTICS_MOST, PLAIN},
    {IFLA_TXQLEN, 4, 4, PLAIN},
    {IFLA_OPERSTATE, 1, 1, PLAIN},
    {IFLA_LINKMODE, 1, 1, PLAIN},
    {IFLA_STATS64, 2 * STATISTICS_LEAST, 2 * STATISTICS_MOST, PLAIN},
    {IFLA_GROUP, 4, 4, PLAIN},
    {IFLA_CARRIER, 1, 1, PLAIN},
    {IFLA_PROMISCUITY, 4, 4, PLAIN},
    {IFLA_NUM_TX_QUEUES, 4, 4, PLAIN},
    {IFLA_NUM_RX_QUEUES, 4, 4, PLAIN},
    {IFLA_MIN_MTU, 4, 4, PLAIN},
    {IFLA_MAX_MTU, 4, 4, PLAIN},
    {0},
};
static const struct attribute_rule address_rules[] = {
    {IFA_ADDRESS, 0, 0, ADDRESS},
    {IFA_LOCAL, 0, 0, ADDRESS},
    {IFA_BROADCAST, 0, 0, ADDRESS},
    {IFA_LABEL, 2, NAME_ROOM, TEXT},
    {IFA_CACHEINFO, sizeof(struct ifa_cacheinfo), sizeof(struct ifa_cacheinfo), PLAIN},
    {IFA_FLAGS, 4, 4, PLAIN},
    {0},
};
static const struct attribute_rule route_rules[] = {
    {RTA_DST, 0, 0, ADDRESS},
    {RTA_GATEWAY, 0, 0, ADDRESS},
    {RTA_PREFSRC, 0, 0, ADDRESS},
    {RTA_OIF, 4, 4, PLAIN},
    {RTA_PRIORITY, 4, 4, PLAIN},
    {RTA_TABLE, 4, 4, PLAIN},
    {RTA_PREF, 1, 1, PLAIN},
    {0},
};

// What is asked for, what comes, and the structure that it starts with, whose first byte is a family.
static const struct subject {
    uint16_t request, answer;
    size_t header;
    const struct attribute_rule *rules;
} subjects[] = {
    {RTM_GETLINK, RTM_NEWLINK, sizeof(struct ifinfomsg), link_rules},
    {RTM_GETADDR, RTM_NEWADDR, sizeof(struct ifaddrmsg), address_rules},
    {RTM_GETROUTE, RTM_NEWROUTE, sizeof(struct rtmsg), route_rules},
};

static const struct subject *subject_of(unsigned type)
{
    for (unsigned i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        if (subjects[i].request == type || subjects[i].answer == type)
            return &subjects[i];
    return NULL;
}

// Room for what comes next, which is at most `size` bytes.
static int make_room(struct interfaces *i, size_t *room, size_t size)
{
    if (*room - i->size >= size)
        return 0;
    size_t more = (*room + size) * 2;
    uint8_t *bytes = krealloc(i->bytes, more);
    if (!bytes)
        return -ENOMEM;
    i->bytes = bytes;
    *room = more;
    return 0;
}

static void append(struct interfaces *i, const void *from, size_t size)
{
    const size_t padded = NLMSG_ALIGN(size);
    memcpy(i->bytes + i->size, from, size);
    memset(i->bytes + i->size + size, 0, padded - size);
    i->size += padded;
}

static void append_attribute(struct interfaces *i, unsigned type, const void *value, size_t size)
{
    const struct rtattr a = {.rta_len = (unsigned short)RTA_LENGTH(size), .rta_type = (unsigned short)type};
    append(i, &a, sizeof(a));
    append(i, value, size);
}

static size_t start_message(struct interfaces *i, const struct subject *s, const void *header)
{
    const struct nlmsghdr h = {.nlmsg_type = s->answer};
    size_t at = i->size;
    append(i, &h, sizeof(h));
    append(i, header, s->header);
    return at;
}

static void end_message(struct interfaces *i, size_t at)
{
    const uint32_t length = (uint32_t)(i->size - at);
    memcpy(i->bytes + at, &length, sizeof(length));
}

static bool suits(const struct attribute_rule *r, unsigned family, const uint8_t *value, size_t size)
{
    if (r->is == ADDRESS)
        return size == (family == AF_INET ? sizeof(struct in_addr) : family == AF_INET6 ? sizeof(struct in6_addr) : 0) && size;
    return size >= r->least && size <= r->most && (r->is != TEXT || (!value[size - 1] && value[0]));
}

static const struct attribute_rule *rule_for(const struct subject *s, unsigned type)
{
    const struct attribute_rule *r = s->rules;
    while (r->type && r->type != type)
        r++;
    return r->type ? r : NULL;
}

// One message of the host, of `size` bytes with its header: what is known of it is kept.
static void keep_message(struct interfaces *i, const struct subject *s, const uint8_t *m, size_t size)
{
    struct rtattr a;
    if (size < NLMSG_HDRLEN + NLMSG_ALIGN(s->header))
        return;
    const size_t start = start_message(i, s, m + NLMSG_HDRLEN);
    const unsigned family = m[NLMSG_HDRLEN];
    for (size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(s->header); at < size && size - at >= sizeof(a); at += RTA_ALIGN(a.rta_len)) {
        memcpy(&a, m + at, sizeof(a));
        if (a.rta_len < sizeof(a) || a.rta_len > size - at)
            break;
        const struct attribute_rule *r = rule_for(s, a.rta_type);
        if (r && suits(r, family, m + at + sizeof(a), a.rta_len - sizeof(a)))
            append_attribute(i, a.rta_type, m + at + sizeof(a), a.rta_len - sizeof(a));
    }
    end_message(i, start);
    if (s->answer == RTM_NEWLINK && !interfaces_attribute((const struct nlmsghdr *)(const void *)(i->bytes + start), IFLA_IFNAME))
        i->size = start; // no interface is without a name
}

// A datagram of the host. True: it holds the end, or what is no answer.
static bool keep_messages(struct interfaces *i, const struct subject *s, const uint8_t *bytes, size_t size)
{
    struct nlmsghdr h;
    for (size_t at = 0; at < size && size - at >= sizeof(h); at += NLMSG_ALIGN(h.nlmsg_len)) {
        memcpy(&h, bytes + at, sizeof(h));
        if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > size - at || h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR)
            return true;
        if (h.nlmsg_type == s->answer)
            keep_message(i, s, bytes + at, h.nlmsg_len);
    }
    return !size;
}

static int send_request(int fd, const struct subject *s, unsigned family)
{
    struct {
        struct nlmsghdr h;
        union {
            struct ifinfomsg link;
            struct ifaddrmsg address;
            struct rtmsg route;
        };
    } m = {.h = {.nlmsg_type = s->request, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 1}};
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct socket_address to = {.size = sizeof(kernel)};
    memcpy(to.bytes, &kernel, sizeof(kernel));
    m.h.nlmsg_len = (uint32_t)NLMSG_LENGTH(s->header);
    m.link.ifi_family = (unsigned char)family; // each structure's first byte
    long n = host_send(fd, &m, m.h.nlmsg_len, 0, &to);
    return n == (long)m.h.nlmsg_len ? 0 : -EIO;
}

// An answer that does not come at once does not come: Linux makes it when it is asked for.
static int ask_host(const struct subject *s, unsigned family, struct interfaces *i)
{
    size_t room = 0;
    uint8_t *piece = kmalloc(PIECE);
    if (!piece)
        return -ENOMEM;
    int fd = host_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), r = fd < 0 ? 0 : send_request(fd, s, family);
    bool done = fd < 0 || r;
    for (r = 0; !r && !done && i->size < MOST;) {
        long n = host_receive(fd, piece, PIECE, 0, /* datagram= */ false, NULL);
        if (n <= 0)
            break;
        r = make_room(i, &room, 2 * (size_t)n); // rebuilding adds nothing but padding
        if (!r)
            done = keep_messages(i, s, piece, (size_t)n);
    }
    if (fd >= 0)
        host_socket_close(fd);
    kfree(piece);
    return r;
}

static void put_lo(const struct subject *s, struct interfaces *i)
{
    static const uint8_t no_address[6];
    const struct ifinfomsg link = {.ifi_type = ARPHRD_LOOPBACK,
                                   .ifi_index = LO_INDEX,
                                   .ifi_flags = FLAG_UP | FLAG_LOOPBACK | FLAG_RUNNING | FLAG_LOWER_UP};
    const uint32_t mtu = LO_MTU, queue = LO_QUEUE;
    size_t at = start_message(i, s, &link);
    append_attribute(i, IFLA_IFNAME, "lo", sizeof("lo"));
    append_attribute(i, IFLA_TXQLEN, &queue, sizeof(queue));
    append_attribute(i, IFLA_MTU, &mtu, sizeof(mtu));
    append_attribute(i, IFLA_ADDRESS, no_address, sizeof(no_address));
    append_attribute(i, IFLA_BROADCAST, no_address, sizeof(no_address));
    end_message(i, at);
}

static void put_lo_address(const struct subject *s, struct interfaces *i)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    const struct ifaddrmsg m = {.ifa_family = AF_INET,
                                .ifa_prefixlen = LO_PREFIX,
                                .ifa_flags = IFA_F_PERMANENT,
                                .ifa_scope = RT_SCOPE_HOST,
                                .ifa_index = LO_INDEX};
    size_t at = start_message(i, s, &m);
    append_attribute(i, IFA_ADDRESS, loopback, sizeof(loopback));
    append_attribute(i, IFA_LOCAL, loopback, sizeof(loopback));
    append_attribute(i, IFA_LABEL, "lo", sizeof("lo"));
    end_message(i, at);
}

int interfaces_ask(unsigned request, unsigned family, struct interfaces *ret)
{
    const struct subject *s = subject_of(request);
    size_t room = 0;
    *ret = (struct interfaces){0};
    int r = ask_host(s, family == AF_INET || family == AF_INET6 ? family : AF_UNSPEC, ret);
    if (!r && !ret->size) {
        kfree(ret->bytes);
        ret->bytes = NULL;
        r = make_room(ret, &room, STATISTICS_MOST);
    }
    if (!r && !ret->size && request == RTM_GETLINK)
        put_lo(s, ret);
    else if (!r && !ret->size && request == RTM_GETADDR && family != AF_INET6)
        put_lo_address(s, ret);
    if (r)
        interfaces_free(ret);
    return r;
}

void interfaces_free(struct interfaces *i)
{
    kfree(i->bytes);
    *i = (struct interfaces){0};
}

const struct nlmsghdr *interfaces_next(const struct interfaces *i, const struct nlmsghdr *m)
{
    size_t at = m ? (size_t)((const uint8_t *)m - i->bytes) + m->nlmsg_len : 0; // lengths are multiples of four
    return at < i->size ? (const struct nlmsghdr *)(const void *)(i->bytes + at) : NULL;
}

const struct rtattr *interfaces_attribute(const struct nlmsghdr *m, unsigned type)
{
    const struct subject *s = subject_of(m->nlmsg_type);
    const uint8_t *at = (const uint8_t *)m + NLMSG_HDRLEN + NLMSG_ALIGN(s->header), *end = (const uint8_t *)m + m->nlmsg_len;
    for (const struct rtattr *a; at < end; at += RTA_ALIGN(a->rta_len)) {
        a = (const struct rtattr *)(const void *)at;
        if (a->rta_type == type)
            return a;
    }
    return NULL;
}
