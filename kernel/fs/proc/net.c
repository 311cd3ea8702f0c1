// SPDX-License-Identifier: MIT
//
// /proc/net: interfaces, their addresses and routes, for those who read rather than ask (kernel/net/interfaces.h).
#include "kernel/fs/proc/show.h"

#include <stdbool.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/in6.h>

#include "kernel/lib/klib.h"
#include "kernel/net/constants.h"
#include "kernel/net/interfaces.h"

enum { NAME_ROOM = 16, ROUTE_LINE = 127 };
enum { RTF_UP = 1, RTF_GATEWAY = 2, RTF_HOST = 4 }; // of <linux/route.h>

// What a message starts with, and an attribute's value, cut to `size`.
static void get_header(const struct nlmsghdr *m, void *to, size_t size)
{
    memcpy(to, (const uint8_t *)m + NLMSG_HDRLEN, size);
}

static bool get(const struct nlmsghdr *m, unsigned type, void *to, size_t size)
{
    const struct rtattr *a = interfaces_attribute(m, type);
    const size_t there = a ? a->rta_len - sizeof(*a) : 0;
    memset(to, 0, size);
    if (a)
        memcpy(to, a + 1, there < size ? there : size);
    return a;
}

static void put_name(const struct interfaces *links, int index, char name[NAME_ROOM])
{
    struct ifinfomsg link;
    name[0] = 0;
    for (const struct nlmsghdr *m = interfaces_next(links, NULL); m; m = interfaces_next(links, m)) {
        get_header(m, &link, sizeof(link));
        if (link.ifi_index == index)
            (void)get(m, IFLA_IFNAME, name, NAME_ROOM);
    }
    name[NAME_ROOM - 1] = 0;
}

static void put_device(struct text *t, const struct nlmsghdr *m)
{
    struct rtnl_link_stats64 s;
    char name[NAME_ROOM];
    (void)get(m, IFLA_IFNAME, name, sizeof(name));
    (void)get(m, IFLA_STATS64, &s, sizeof(s));
    text_put(t, "%6s: %7lu %7lu %4lu %4lu %4lu %5lu %10lu %9lu ", name, (uint64_t)s.rx_bytes, (uint64_t)s.rx_packets, (uint64_t)s.rx_errors,
             (uint64_t)(s.rx_dropped + s.rx_missed_errors), (uint64_t)s.rx_fifo_errors,
             (uint64_t)(s.rx_length_errors + s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors), (uint64_t)s.rx_compressed,
             (uint64_t)s.multicast);
    text_put(t, "%8lu %7lu %4lu %4lu %4lu %5lu %7lu %10lu\n", (uint64_t)s.tx_bytes, (uint64_t)s.tx_packets, (uint64_t)s.tx_errors,
             (uint64_t)s.tx_dropped, (uint64_t)s.tx_fifo_errors, (uint64_t)s.collisions,
             (uint64_t)(s.tx_carrier_errors + s.tx_aborted_errors + s.tx_window_errors + s.tx_heartbeat_errors), (uint64_t)s.tx_compressed);
}

void show_net_devices(struct text *t)
{
    struct interfaces links;
    text_put(t, "Inter-|   Receive                                                |  Transmit\n"
                " face |bytes    packets errs drop fifo frame compressed multicast|"
                "bytes    packets errs drop fifo colls carrier compressed\n");
    if (interfaces_ask(RTM_GETLINK, AF_UNSPEC, &links))
        return;
    for (const struct nlmsghdr *m = interfaces_next(&links, NULL); m; m = interfaces_next(&links, m))
        put_device(t, m);
    interfaces_free(&links);
}

static unsigned scope_of(const struct ifaddrmsg *a)
{
    return a->ifa_scope == RT_SCOPE_HOST ? 0x10 : a->ifa_scope == RT_SCOPE_LINK ? 0x20 : a->ifa_scope == RT_SCOPE_SITE ? 0x40 : 0;
}

static void put_address(struct text *t, const struct interfaces *links, const struct nlmsghdr *m)
{
    struct ifaddrmsg a;
    char name[NAME_ROOM];
    uint8_t address[sizeof(struct in6_addr)];
    get_header(m, &a, sizeof(a));
    (void)get(m, IFA_ADDRESS, address, sizeof(address));
    put_name(links, (int)a.ifa_index, name);
    for (unsigned i = 0; i < sizeof(address); i++)
        text_put(t, "%02x", address[i]);
    text_put(t, " %02x %02x %02x %02x %8s\n", a.ifa_index, a.ifa_prefixlen, scope_of(&a), a.ifa_flags, name);
}

static void put_padded(struct text *t, const char *line)
{
    text_put(t, "%s", line);
    for (size_t n = strlen(line); n < ROUTE_LINE; n++)
        text_put(t, " ");
    text_put(t, "\n");
}

static void put_route(struct text *t, const struct interfaces *links, const struct nlmsghdr *m)
{
    struct rtmsg r;
    uint32_t to, gateway, priority, index;
    char name[NAME_ROOM], line[ROUTE_LINE + 1];
    get_header(m, &r, sizeof(r));
    if (r.rtm_table != RT_TABLE_MAIN || r.rtm_type != RTN_UNICAST || r.rtm_dst_len > 32)
        return;
    (void)get(m, RTA_DST, &to, sizeof(to));
    (void)get(m, RTA_PRIORITY, &priority, sizeof(priority));
    (void)get(m, RTA_OIF, &index, sizeof(index));
    unsigned flags = RTF_UP | (get(m, RTA_GATEWAY, &gateway, sizeof(gateway)) ? RTF_GATEWAY : 0) | (r.rtm_dst_len == 32 ? RTF_HOST : 0);
    put_name(links, (int)index, name);
    uint32_t mask = r.rtm_dst_len ? __builtin_bswap32(UINT32_MAX << (32 - r.rtm_dst_len)) : 0;
    (void)snprintf(line, sizeof(line), "%s\t%08X\t%08X\t%04X\t0\t0\t%u\t%08X\t0\t0\t0", name, to, gateway, flags, priority, mask);
    put_padded(t, line);
}

static void for_each(struct text *t, unsigned request, unsigned family,
                     void (*put)(struct text *, const struct interfaces *, const struct nlmsghdr *))
{
    struct interfaces links, all;
    if (interfaces_ask(RTM_GETLINK, AF_UNSPEC, &links))
        return;
    if (!interfaces_ask(request, family, &all)) {
        for (const struct nlmsghdr *m = interfaces_next(&all, NULL); m; m = interfaces_next(&all, m))
            put(t, &links, m);
        interfaces_free(&all);
    }
    interfaces_free(&links);
}

void show_net_addresses6(struct text *t)
{
    for_each(t, RTM_GETADDR, AF_INET6, put_address);
}

void show_net_routes(struct text *t)
{
    const char head[] = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
    put_padded(t, head);
    for_each(t, RTM_GETROUTE, AF_INET, put_route);
}
