// SPDX-License-Identifier: MIT
//
// Interfaces as older programs ask for them: man 7 netdevice. What there is comes from interfaces.h.
#include "kernel/net/netdevice.h"

#include <stdbool.h>

#include <linux/errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/in.h>
#include <linux/sockios.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/user.h"
#include "kernel/net/constants.h"
#include "kernel/net/interfaces.h"

enum { NAME_ROOM = 16, HARDWARE_ROOM = 14 };

struct interface_request { // struct ifreq
    char name[NAME_ROOM];
    union {
        int32_t number;
        int16_t flags;
        struct {
            uint16_t family;
            uint8_t bytes[HARDWARE_ROOM];
        } hardware;
        struct sockaddr_in address;
        uint8_t room[24];
    };
};
_Static_assert(sizeof(struct interface_request) == 40, "the layout of struct ifreq");

struct interface_list { // struct ifconf
    int32_t size, padding;
    uint64_t requests;
};

static struct ifinfomsg link_of(const struct nlmsghdr *m)
{
    struct ifinfomsg link;
    memcpy(&link, (const uint8_t *)m + NLMSG_HDRLEN, sizeof(link));
    return link;
}

// At most `size` bytes of an attribute's value, which keeps what it was where there is none; how many.
static size_t get(const struct nlmsghdr *m, unsigned type, void *to, size_t size)
{
    const struct rtattr *a = interfaces_attribute(m, type);
    if (!a)
        return 0;
    size_t n = a->rta_len - sizeof(*a) < size ? a->rta_len - sizeof(*a) : size;
    memcpy(to, a + 1, n);
    return n;
}

static struct sockaddr_in get_address(const struct nlmsghdr *m, unsigned type)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    (void)get(m, type, &a.sin_addr, sizeof(a.sin_addr));
    return a;
}

// What is not answered keeps what it was, as on Linux.
static int answer_link(unsigned long request, const struct nlmsghdr *m, struct interface_request *r)
{
    const struct ifinfomsg link = link_of(m);
    switch (request) {
    case SIOCGIFINDEX:
        r->number = link.ifi_index;
        return 0;
    case SIOCGIFFLAGS:
        r->flags = (int16_t)link.ifi_flags;
        return 0;
    case SIOCGIFMTU:
        (void)get(m, IFLA_MTU, &r->number, sizeof(r->number));
        return 0;
    case SIOCGIFTXQLEN:
        (void)get(m, IFLA_TXQLEN, &r->number, sizeof(r->number));
        return 0;
    case SIOCGIFHWADDR:
        r->hardware.family = link.ifi_type;
        (void)get(m, IFLA_ADDRESS, r->hardware.bytes, sizeof(r->hardware.bytes));
        return 0;
    case SIOCGIFMETRIC:
        r->number = 0;
        return 0;
    default: // SIOCGIFNAME
        (void)get(m, IFLA_IFNAME, r->name, sizeof(r->name));
        return 0;
    }
}

static bool is_named(const struct nlmsghdr *m, unsigned type, const char *name)
{
    const struct rtattr *a = interfaces_attribute(m, type);
    return a && !strcmp((const char *)(a + 1), name);
}

static int ask_link(unsigned long request, struct interface_request *r)
{
    struct interfaces all;
    int e = interfaces_ask(RTM_GETLINK, AF_UNSPEC, &all);
    if (e)
        return e;
    const struct nlmsghdr *m = interfaces_next(&all, NULL);
    while (m && !(request == SIOCGIFNAME ? link_of(m).ifi_index == r->number : is_named(m, IFLA_IFNAME, r->name)))
        m = interfaces_next(&all, m);
    e = m ? answer_link(request, m, r) : -ENODEV;
    interfaces_free(&all);
    return e;
}

static struct sockaddr_in mask_of(const struct nlmsghdr *m)
{
    const unsigned prefix = ((const struct ifaddrmsg *)(const void *)((const uint8_t *)m + NLMSG_HDRLEN))->ifa_prefixlen;
    struct sockaddr_in a = {.sin_family = AF_INET};
    a.sin_addr.s_addr = prefix && prefix <= 32 ? __builtin_bswap32(UINT32_MAX << (32 - prefix)) : 0;
    return a;
}

static int ask_address(unsigned long request, struct interface_request *r)
{
    struct interfaces all;
    struct interface_request link = *r;
    int e = ask_link(SIOCGIFINDEX, &link);
    if (!e)
        e = interfaces_ask(RTM_GETADDR, AF_INET, &all);
    if (e)
        return e;
    const struct nlmsghdr *m = interfaces_next(&all, NULL);
    while (m && !is_named(m, IFA_LABEL, r->name))
        m = interfaces_next(&all, m);
    if (!m)
        e = -EADDRNOTAVAIL;
    else if (request == SIOCGIFNETMASK)
        r->address = mask_of(m);
    else
        r->address = get_address(m, request == SIOCGIFADDR ? IFA_LOCAL : request == SIOCGIFBRDADDR ? IFA_BROADCAST : IFA_ADDRESS);
    interfaces_free(&all);
    return e;
}

static int put_list(const struct interfaces *all, struct interface_list *list)
{
    struct interface_request USER *to = (struct interface_request USER *)list->requests;
    int32_t size = 0, most = list->requests ? list->size : INT32_MAX;
    for (const struct nlmsghdr *m = interfaces_next(all, NULL); m; m = interfaces_next(all, m)) {
        struct interface_request r = {.address = get_address(m, IFA_LOCAL)};
        if (most - size < (int32_t)sizeof(r) || !get(m, IFA_LABEL, r.name, sizeof(r.name)))
            continue;
        if (list->requests && PUT_USER(r, to++))
            return -EFAULT;
        size += (int32_t)sizeof(r);
    }
    list->size = size;
    return 0;
}

static int ask_list(uint64_t argument)
{
    struct interfaces all;
    struct interface_list list;
    if (GET_USER(list, (const void USER *)argument))
        return -EFAULT;
    int r = interfaces_ask(RTM_GETADDR, AF_INET, &all);
    if (r)
        return r;
    r = put_list(&all, &list);
    interfaces_free(&all);
    return r ? r : PUT_USER(list, (struct interface_list USER *)argument);
}

long netdevice_ioctl(int domain, unsigned long request, uint64_t argument)
{
    struct interface_request r;
    int (*ask)(unsigned long, struct interface_request *) = ask_link;
    switch (request) {
    case SIOCGIFCONF:
        return ask_list(argument);
    case SIOCGIFADDR:
    case SIOCGIFNETMASK:
    case SIOCGIFBRDADDR:
    case SIOCGIFDSTADDR:
        if (domain != AF_INET)
            return -ENOTTY;
        ask = ask_address;
        break;
    case SIOCGIFINDEX:
    case SIOCGIFNAME:
    case SIOCGIFFLAGS:
    case SIOCGIFMTU:
    case SIOCGIFTXQLEN:
    case SIOCGIFHWADDR:
    case SIOCGIFMETRIC:
        break;
    default:
        return -ENOTTY;
    }
    if (GET_USER(r, (const struct interface_request USER *)argument))
        return -EFAULT;
    r.name[NAME_ROOM - 1] = 0;
    int e = ask(request, &r);
    return e ? e : PUT_USER(r, (struct interface_request USER *)argument);
}
