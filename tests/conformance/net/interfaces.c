// SPDX-License-Identifier: MIT
//
// What programs learn of network interfaces: from C libraries, from netlink and by ioctl. They are those of the host, so what is printed
// of them is what Linux says here.
#include "conform.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

// <linux/netlink.h> and <linux/rtnetlink.h>, which not every C library finds.
struct address {
    uint16_t family, padding;
    uint32_t port, groups;
};
struct header {
    uint32_t length;
    uint16_t type, flags;
    uint32_t sequence, port;
};
struct link {
    uint8_t family, padding;
    uint16_t type;
    int32_t index;
    uint32_t flags, change;
};
struct request {
    struct header h;
    struct link link;
};
enum { NEWLINK = 16, GETLINK = 18, NEWADDR = 20, GETADDR = 22, ERROR = 2, DONE = 3, REQUEST = 1, ACK = 4, DUMP = 0x300 };

static void show_address(const char *what, const struct sockaddr *a)
{
    char text[64] = "none";
    if (a && a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, text, sizeof(text));
    else if (a && a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr, text, sizeof(text));
    else if (a)
        snprintf(text, sizeof(text), "family %d", a->sa_family);
    printf(" %s %s", what, text);
}

static void libraries(void)
{
    struct if_nameindex *names = if_nameindex();
    NEED(names);
    for (struct if_nameindex *n = names; n->if_index; n++) {
        char again[IF_NAMESIZE];
        printf("%u %s, %u, %s\n", n->if_index, n->if_name, if_nametoindex(n->if_name), if_indextoname(n->if_index, again));
    }
    if_freenameindex(names);
    IS(if_nametoindex("nothing") == 0 && errno == ENODEV);
    struct ifaddrs *all;
    NEED(!getifaddrs(&all));
    for (struct ifaddrs *a = all; a; a = a->ifa_next) {
        printf("%s %x data %d", a->ifa_name, a->ifa_flags, a->ifa_data != NULL);
        show_address("address", a->ifa_addr);
        show_address("mask", a->ifa_netmask);
        show_address("broadcast", a->ifa_flags & IFF_BROADCAST ? a->ifa_broadaddr : NULL);
        puts("");
    }
    freeifaddrs(all);
}

static void resolver(int flags, int family, const char *host)
{
    struct addrinfo hints = {.ai_flags = flags, .ai_family = family, .ai_socktype = SOCK_STREAM}, *got = NULL;
    int r = getaddrinfo(host, "80", &hints, &got);
    printf("%s, flags %x, family %d: %d", host, flags, family, r);
    for (struct addrinfo *a = got; a; a = a->ai_next)
        show_address("", a->ai_addr);
    puts("");
    if (got)
        freeaddrinfo(got);
}

static void show_answers(int s)
{
    static char got[65536];
    for (bool more = true; more;) {
        ssize_t n = recv(s, got, sizeof(got), MSG_DONTWAIT);
        if (n < 0) {
            printf("no more: %s\n", errno_name(errno));
            return;
        }
        for (char *at = got; at < got + n; at += (((struct header *)at)->length + 3) & ~3u) {
            struct header h;
            int error;
            memcpy(&h, at, sizeof(h));
            memcpy(&error, at + sizeof(h), sizeof(error));
            NEED(h.length >= sizeof(h) && h.length <= got + n - at);
            struct link l;
            memcpy(&l, at + sizeof(h), sizeof(l));
            printf("type %d flags %x sequence %u mine %d", h.type, h.flags, h.sequence, h.port == (uint32_t)getpid());
            if (h.type == ERROR)
                printf(" %s, %u bytes", error ? errno_name(-error) : "0", h.length);
            else if (h.type == NEWLINK)
                printf(" interface %d type %d flags %x", l.index, l.type, l.flags);
            else if (h.type == NEWADDR)
                printf(" interface %d family %d prefix %d", l.index, l.family, ((uint8_t *)&l)[1]);
            puts("");
            more = h.flags & 2 && h.type != DONE;
        }
    }
}

static void ask(int s, int type, int flags, int index, int family)
{
    struct request q = {.h = {sizeof(q), type, REQUEST | flags, 77, 0}, .link = {.family = family, .index = index}};
    printf("ask %d %x %d %d\n", type, flags, index, family);
    if (send(s, &q, sizeof(q), 0) < 0)
        printf("not sent: %s\n", errno_name(errno));
    show_answers(s);
}

static void netlink(void)
{
    struct address a = {.family = AF_NETLINK}, got = {0};
    socklen_t size = sizeof(got);
    IS(socket(AF_NETLINK, SOCK_STREAM, 0) == -1 && errno == 94); // ESOCKTNOSUPPORT
    IS(socket(AF_NETLINK, SOCK_RAW, 99) == -1 && errno == 93);   // EPROTONOSUPPORT
    int s = socket(AF_NETLINK, SOCK_RAW, 0), second = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK, 0), pair[2];
    NEED(s >= 0 && second >= 0);
    TRY(socketpair(AF_NETLINK, SOCK_RAW, 0, pair));
    TRY(getsockname(s, (struct sockaddr *)&got, &size));
    printf("%u bytes, family %d, port %u\n", size, got.family, got.port);
    TRY(bind(s, (struct sockaddr *)&a, 4));
    TRY(bind(s, (struct sockaddr *)&a, sizeof(a)));
    TRY(getsockname(s, (struct sockaddr *)&got, &size));
    IS(got.port == (uint32_t)getpid());
    a.port = 12345678;
    TRY(bind(s, (struct sockaddr *)&a, sizeof(a)));
    a.port = getpid();
    IS(bind(second, (struct sockaddr *)&a, sizeof(a)) == -1 && errno == 98); // EADDRINUSE
    TRY(getpeername(s, (struct sockaddr *)&got, &size));
    IS(got.port == 0);
    ask(s, GETLINK, DUMP, 0, AF_UNSPEC);
    ask(s, GETADDR, DUMP, 0, AF_UNSPEC);
    ask(s, GETADDR, DUMP, 0, AF_INET);
    ask(s, GETLINK, 0, 1, AF_UNSPEC);
    ask(s, GETLINK, ACK, 1, AF_UNSPEC);
    ask(s, GETLINK, 0, 4711, AF_UNSPEC);
    ask(s, 999, 0, 1, AF_UNSPEC);
    ask(s, 3, 0, 1, AF_UNSPEC);
    ask(s, 1, ACK, 1, AF_UNSPEC);
    TRY(recv(second, &got, sizeof(got), 0));
    TRY(send(s, "", 0, 0));
    TRY(send(s, "short", 5, 0));
    TRY(listen(s, 1));
    TRY(accept(s, NULL, NULL));
    TRY(shutdown(s, SHUT_RDWR));
    struct pollfd p = {.fd = s, .events = POLLIN | POLLOUT};
    TRY(poll(&p, 1, 0));
    printf("events %x\n", p.revents);
    int value = 0;
    size = sizeof(value);
    TRY(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &value, &size));
    TRY(getsockopt(s, SOL_SOCKET, SO_DOMAIN, &value, &size));
    printf("domain %d\n", value);
    value = 1;
    TRY(setsockopt(s, 270, 10, &value, sizeof(value))); // NETLINK_CAP_ACK
    ask(s, 999, 0, 1, AF_UNSPEC);
    TRY(setsockopt(s, 270, 99, &value, sizeof(value)) == -1 ? errno == 92 : 0);
    close(second);
    close(s);
    // Who asks and does not read loses something, and is told.
    s = socket(AF_NETLINK, SOCK_RAW, 0);
    struct request q = {.h = {sizeof(q), GETLINK, REQUEST | DUMP, 1, 0}};
    for (int i = 0; i < 1000; i++)
        NEED(send(s, &q, sizeof(q), 0) == sizeof(q));
    char some[64];
    printf("told: %d\n", recv(s, some, sizeof(some), MSG_DONTWAIT) == -1 && errno == 105); // ENOBUFS
    NEED(send(s, &q, sizeof(q), 0) == sizeof(q));
    printf("then: %zd\n", recv(s, some, sizeof(some), MSG_DONTWAIT));
    close(s);
}

static void interface(int s, const char *name)
{
    struct ifreq r = {0};
    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
    printf("%s:\n", name);
    if (!TRY(ioctl(s, SIOCGIFINDEX, &r)))
        printf("number %d\n", r.ifr_ifindex);
    r.ifr_ifindex = 0x12345678;
    if (!TRY(ioctl(s, SIOCGIFFLAGS, &r)))
        printf("flags %x\n", r.ifr_ifindex);
    if (!TRY(ioctl(s, SIOCGIFMTU, &r)))
        printf("mtu %d\n", r.ifr_mtu);
    if (!TRY(ioctl(s, SIOCGIFHWADDR, &r)))
        printf("type %d address %02x..%02x\n", r.ifr_hwaddr.sa_family, r.ifr_hwaddr.sa_data[0] & 255, r.ifr_hwaddr.sa_data[5] & 255);
    if (!TRY(ioctl(s, SIOCGIFTXQLEN, &r)))
        printf("queue %d\n", r.ifr_qlen);
    if (!TRY(ioctl(s, SIOCGIFMETRIC, &r)))
        printf("metric %d\n", r.ifr_metric);
    for (int i = 0; i < 4; i++) {
        static const int asks[] = {SIOCGIFADDR, SIOCGIFNETMASK, SIOCGIFBRDADDR, SIOCGIFDSTADDR};
        memset(&r.ifr_addr, 0, sizeof(r.ifr_addr));
        int e = ioctl(s, asks[i], &r) ? errno : 0;
        printf("%x: %d", asks[i], e);
        if (!e)
            show_address("", &r.ifr_addr);
        puts("");
    }
}

static void requests(int domain)
{
    int s = socket(domain, SOCK_DGRAM, 0);
    struct ifreq r[32];
    if (s < 0) {
        printf("domain %d: %d\n", domain, errno);
        return;
    }
    struct ifconf c = {.ifc_len = 0, .ifc_req = NULL};
    TRY(ioctl(s, SIOCGIFCONF, &c));
    printf("%d bytes\n", c.ifc_len);
    c = (struct ifconf){.ifc_len = sizeof(r), .ifc_req = r};
    TRY(ioctl(s, SIOCGIFCONF, &c));
    for (unsigned i = 0; i < c.ifc_len / sizeof(r[0]); i++) {
        printf("%s", r[i].ifr_name);
        show_address("", &r[i].ifr_addr);
        puts("");
    }
    c = (struct ifconf){.ifc_len = 79, .ifc_req = r};
    TRY(ioctl(s, SIOCGIFCONF, &c));
    printf("%d bytes\n", c.ifc_len);
    TRY(ioctl(s, SIOCGIFCONF, (void *)8));
    interface(s, "lo");
    interface(s, "nothing");
    struct if_nameindex *names = if_nameindex();
    for (struct if_nameindex *n = names; n && n->if_index; n++)
        interface(s, n->if_name);
    if_freenameindex(names);
    r[0].ifr_ifindex = 1;
    TRY(ioctl(s, SIOCGIFNAME, r));
    printf("1 is %s, still %d\n", r[0].ifr_name, r[0].ifr_ifindex);
    r[0].ifr_ifindex = 4711;
    TRY(ioctl(s, SIOCGIFNAME, r));
    close(s);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The lines of a file, in order; only their first words where the rest goes on changing.
static void lines(const char *path, bool first_words)
{
    static char text[16384];
    char *line[200];
    int n = 0;
    FILE *f = fopen(path, "r"); // not there where the machine has no IPv6
    if (f) {
        text[fread(text, 1, sizeof(text) - 1, f)] = 0;
        fclose(f);
    }
    for (char *l = strtok(text, "\n"); l && n < 200; l = strtok(NULL, "\n"))
        line[n++] = l;
    qsort(line, n, sizeof(line[0]), by_text);
    printf("%s:\n", path);
    for (int i = 0; i < n; i++) {
        char *colon = first_words ? strchr(line[i], ':') : NULL;
        printf("%.*s\n", colon ? (int)(colon - line[i]) : (int)strlen(line[i]), line[i]);
    }
}

int main(int argc, char **argv)
{
    begin(argv);
    libraries();
    resolver(AI_ADDRCONFIG, AF_UNSPEC, "192.0.2.77");
    resolver(AI_ADDRCONFIG | AI_NUMERICHOST, AF_INET6, "fd00::7");
    resolver(AI_NUMERICHOST, AF_UNSPEC, "::1");
    netlink();
    requests(AF_INET);
    requests(AF_INET6);
    requests(AF_UNIX);
    lines("/proc/net/dev", true);
    lines("/proc/net/if_inet6", false);
    lines("/proc/net/route", false);
    return 0;
}
