// SPDX-License-Identifier: MIT
//
// NETLINK_ROUTE, the half that asks (man 7 rtnetlink). Nothing can be changed: the network is the host's.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/if_link.h>

#include "kernel/lib/klib.h"
#include "kernel/net/constants.h"
#include "kernel/net/interfaces.h"
#include "kernel/net/netlink/netlink.h"
#include "kernel/task/capability.h"

enum { DATAGRAM = 3776, KINDS = 4, KIND_GET = 2 }; // Linux fills a page less what its buffers need

struct request {
    struct netlink_socket *from;
    uint32_t port;
    bool short_acks; // NETLINK_CAP_ACK
    struct nlmsghdr h;
    const uint8_t *bytes; // header included
};

// Nothing is said when there is no memory: netlink is not reliable.
static uint8_t *new_message(const struct request *q, unsigned type, unsigned flags, size_t payload, struct netlink_packet **ret)
{
    const struct nlmsghdr h = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(payload),
                               .nlmsg_type = (uint16_t)type,
                               .nlmsg_flags = (uint16_t)flags,
                               .nlmsg_seq = q->h.nlmsg_seq,
                               .nlmsg_pid = q->port};
    struct netlink_packet *p = *ret = netlink_packet_new(NULL, NLMSG_ALIGN(h.nlmsg_len));
    if (!p)
        return NULL;
    memset(p->data, 0, p->size);
    memcpy(p->data, &h, sizeof(h));
    return p->data + NLMSG_HDRLEN;
}

// Errors quote what was asked.
static void acknowledge(const struct request *q, int error)
{
    struct netlink_packet *p;
    if (netlink_is_full(q->from)) {
        netlink_overrun(q->from);
        return;
    }
    bool quote = error && !q->short_acks;
    size_t more = quote ? q->h.nlmsg_len - NLMSG_HDRLEN : 0;
    uint8_t *to = new_message(q, NLMSG_ERROR, quote ? 0 : NLM_F_CAPPED, sizeof(struct nlmsgerr) + more, &p);
    if (!to)
        return;
    memcpy(to, &error, sizeof(error));
    memcpy(to + sizeof(error), q->bytes, sizeof(q->h) + more);
    netlink_deliver(q->from, p);
}

static void give(const struct request *q, const struct nlmsghdr *m, unsigned flags, uint8_t *to)
{
    struct nlmsghdr h = *m;
    h.nlmsg_flags = (uint16_t)flags;
    h.nlmsg_seq = q->h.nlmsg_seq;
    h.nlmsg_pid = q->port;
    memcpy(to, m, m->nlmsg_len);
    memcpy(to, &h, sizeof(h));
}

// From message m on as many as a datagram holds; the next, or NULL.
static const struct nlmsghdr *give_datagram(const struct request *q, const struct interfaces *all, const struct nlmsghdr *m)
{
    size_t size = 0;
    const struct nlmsghdr *end = m;
    for (; end && (!size || size + end->nlmsg_len <= DATAGRAM); end = interfaces_next(all, end))
        size += end->nlmsg_len;
    struct netlink_packet *p = netlink_packet_new(NULL, size);
    if (!p)
        return NULL;
    for (size_t at = 0; m != end; at += m->nlmsg_len, m = interfaces_next(all, m))
        give(q, m, NLM_F_MULTI, p->data + at);
    netlink_deliver(q->from, p);
    return end;
}

static int dump(const struct request *q)
{
    struct interfaces all;
    struct netlink_packet *p;
    if (netlink_is_full(q->from)) // who does not read gets no more
        return -EBUSY;
    int r = interfaces_ask(q->h.nlmsg_type, q->bytes[NLMSG_HDRLEN], &all);
    if (r)
        return r;
    for (const struct nlmsghdr *m = interfaces_next(&all, NULL); m;)
        m = give_datagram(q, &all, m);
    interfaces_free(&all);
    if (new_message(q, NLMSG_DONE, NLM_F_MULTI, sizeof(int), &p))
        netlink_deliver(q->from, p);
    return 0;
}

// The interface that a request is about, by number or else by name.
static bool is_meant(const struct request *q, const struct ifinfomsg *wanted, const struct nlmsghdr *m)
{
    struct rtattr a;
    struct ifinfomsg link;
    memcpy(&link, (const uint8_t *)m + NLMSG_HDRLEN, sizeof(link));
    if (wanted->ifi_index)
        return wanted->ifi_index == link.ifi_index;
    const struct rtattr *name = interfaces_attribute(m, IFLA_IFNAME);
    const size_t size = q->h.nlmsg_len;
    for (size_t at = NLMSG_LENGTH(sizeof(link)); at < size && size - at >= sizeof(a); at += RTA_ALIGN(a.rta_len)) {
        memcpy(&a, q->bytes + at, sizeof(a));
        if (a.rta_len < sizeof(a) || a.rta_len > size - at)
            break;
        const char *text = (const char *)q->bytes + at + sizeof(a);
        if (a.rta_type == IFLA_IFNAME && a.rta_len > sizeof(a))
            return strnlen(text, a.rta_len - sizeof(a)) == strlen((const char *)(name + 1)) &&
                   !strncmp((const char *)(name + 1), text, a.rta_len - sizeof(a));
    }
    return false;
}

static int one_link(const struct request *q)
{
    struct interfaces all;
    struct ifinfomsg wanted;
    if (q->h.nlmsg_len < NLMSG_LENGTH(sizeof(wanted)))
        return -EINVAL;
    memcpy(&wanted, q->bytes + NLMSG_HDRLEN, sizeof(wanted));
    int r = interfaces_ask(RTM_GETLINK, AF_UNSPEC, &all);
    if (r)
        return r;
    const struct nlmsghdr *m = interfaces_next(&all, NULL);
    while (m && !is_meant(q, &wanted, m))
        m = interfaces_next(&all, m);
    struct netlink_packet *p = m && !netlink_is_full(q->from) ? netlink_packet_new(NULL, m->nlmsg_len) : NULL;
    if (p) {
        give(q, m, 0, p->data);
        netlink_deliver(q->from, p);
    }
    interfaces_free(&all);
    return m ? 0 : -ENODEV;
}

// 0 or the error that the sender is told; *ret_more: the answer is its own acknowledgement.
static int serve(const struct request *q, bool *ret_more)
{
    const unsigned type = q->h.nlmsg_type;
    *ret_more = false;
    if (type > RTM_MAX)
        return -EOPNOTSUPP;
    if (q->h.nlmsg_len < NLMSG_LENGTH(sizeof(struct rtgenmsg)))
        return 0;
    if (type % KINDS != KIND_GET && !capable(CAP_NET_ADMIN))
        return -EPERM;
    bool known = type == RTM_GETLINK || type == RTM_GETADDR || type == RTM_GETROUTE;
    if (known && (q->h.nlmsg_flags & NLM_F_DUMP)) {
        int r = dump(q);
        *ret_more = !r;
        return r;
    }
    return type == RTM_GETLINK ? one_link(q) : -EOPNOTSUPP;
}

void route_request(struct netlink_socket *n, uint32_t port, bool short_acks, const uint8_t *bytes, size_t size)
{
    struct request q = {.from = n, .port = port, .short_acks = short_acks};
    for (size_t at = 0; at < size && size - at >= sizeof(q.h); at += NLMSG_ALIGN(q.h.nlmsg_len)) {
        bool more = false;
        memcpy(&q.h, bytes + at, sizeof(q.h));
        q.bytes = bytes + at;
        if (q.h.nlmsg_len < sizeof(q.h) || q.h.nlmsg_len > size - at)
            return;
        int r = (q.h.nlmsg_flags & NLM_F_REQUEST) && q.h.nlmsg_type >= NLMSG_MIN_TYPE ? serve(&q, &more) : 0;
        if (!more && (r || (q.h.nlmsg_flags & NLM_F_ACK)))
            acknowledge(&q, r);
    }
}
