// SPDX-License-Identifier: MIT
//
// What goes beside the bytes of a datagram: addresses, hop limits, traffic classes, times, errors, segments.
#include "conform.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <sys/uio.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
enum { ROOM = 512 };

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static void show_data(const struct cmsghdr *c)
{
    const unsigned char *data = CMSG_DATA(c);
    size_t size = c->cmsg_len - CMSG_LEN(0);
    printf("    level %d type %d, %zu bytes:", c->cmsg_level, c->cmsg_type, size);
    if (c->cmsg_level == SOL_SOCKET)
        size = 0; // times
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR)
        size = 16; // with a port
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)
        size = 16;
    for (size_t i = 0; i < size; i++)
        printf(" %02x", data[i]);
    puts("");
}

static void receive(int s, size_t room, int flags)
{
    char text[4096] = "", control[ROOM];
    union address from;
    struct iovec v = {text, sizeof(text)};
    struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &v, .msg_iovlen = 1};
    m.msg_control = room ? control : NULL;
    m.msg_controllen = room;
    ssize_t n = recvmsg(s, &m, flags);
    if (n < 0) {
        printf("  not received: %s\n", errno_name(errno));
        return;
    }
    printf("  %zd bytes, flags %x, address %d, control %zu\n", n, m.msg_flags, m.msg_namelen, (size_t)m.msg_controllen);
    if (m.msg_flags & MSG_CTRUNC)
        return; // what of it there is depends
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        show_data(c);
}

static void on(int s, int level, int option, const char *what)
{
    int one = 1;
    printf("%s: %s\n", what, setsockopt(s, level, option, &one, sizeof(one)) ? errno_name(errno) : "on");
}
#define ON(s, level, option) on(s, level, option, #option)

static ssize_t send_with(int s, const union address *to, int level, int type, const void *data, size_t size)
{
    char control[ROOM] = "";
    static char text[] = "hello";
    struct iovec v = {text, 5};
    struct msghdr m = {.msg_name = (void *)to, .msg_namelen = to->any.sa_family == AF_INET ? sizeof(to->v4) : sizeof(to->v6)};
    m.msg_iov = &v;
    m.msg_iovlen = 1;
    m.msg_control = control;
    m.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), data, size);
    return sendmsg(s, &m, 0);
}

static int bound(int family, union address *ret)
{
    int s = socket(family, SOCK_DGRAM, 0);
    socklen_t size = sizeof(*ret);
    memset(ret, 0, sizeof(*ret));
    ret->any.sa_family = family;
    if (family == AF_INET)
        ret->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        ret->v6.sin6_addr = in6addr_loopback;
    NEED(s >= 0 && !bind(s, &ret->any, size) && !getsockname(s, &ret->any, &size));
    return s;
}

static bool has_version_6(void)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int s = socket(AF_INET6, SOCK_DGRAM, 0);
    bool has = s >= 0 && !bind(s, (struct sockaddr *)&a, sizeof(a));
    close(s);
    return has;
}

static void version_4(void)
{
    union address to, mine;
    int r = bound(AF_INET, &to), s = bound(AF_INET, &mine), number = 17, wrong = 1000;
    NEED(send_with(s, &to, IPPROTO_IP, IP_TTL, &number, sizeof(number)) == 5);
    receive(r, ROOM, 0);
    ON(r, IPPROTO_IP, IP_PKTINFO);
    ON(r, IPPROTO_IP, IP_RECVTTL);
    ON(r, IPPROTO_IP, IP_RECVTOS);
    NEED(send_with(s, &to, IPPROTO_IP, IP_TTL, &number, sizeof(number)) == 5);
    receive(r, ROOM, MSG_PEEK);
    receive(r, ROOM, 0);
    number = 0x20;
    NEED(send_with(s, &to, IPPROTO_IP, IP_TOS, &number, sizeof(number)) == 5);
    receive(r, CMSG_SPACE(12), 0);
    NEED(send_with(s, &to, IPPROTO_IP, IP_TOS, &number, sizeof(number)) == 5);
    receive(r, 0, 0);
    TRY(send_with(s, &to, IPPROTO_IP, IP_TTL, &wrong, sizeof(wrong)));
    TRY(send_with(s, &to, IPPROTO_IP, 99, &number, sizeof(number)));
    TRY(send_with(s, &to, SOL_SOCKET, 99, &number, sizeof(number)));
    TRY(send_with(s, &to, 99, 99, &number, sizeof(number)));
    TRY(send_with(s, &to, SOL_SOCKET, SCM_RIGHTS, &wrong, sizeof(wrong)));
    receive(r, ROOM, 0);
    receive(r, ROOM, MSG_DONTWAIT);
    char text[8];
    NEED(send_with(s, &to, IPPROTO_IP, IP_TOS, &number, sizeof(number)) == 5);
    TRY(recv(r, text, sizeof(text), 0));
    ON(r, SOL_SOCKET, SO_TIMESTAMP);
    NEED(send_with(s, &to, IPPROTO_IP, IP_TOS, &number, sizeof(number)) == 5);
    receive(r, ROOM, 0);
    struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK + 1)};
    close(s);
    s = socket(AF_INET, SOCK_DGRAM, 0);
    NEED(send_with(s, &to, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info)) == 5);
    union address from;
    socklen_t size = sizeof(from);
    TRY(recvfrom(r, text, sizeof(text), 0, &from.any, &size));
    printf("from %s\n", inet_ntoa(from.v4.sin_addr));
    close(r);
    close(s);
}

static void version_6(void)
{
    union address to, mine;
    int r = bound(AF_INET6, &to), s = bound(AF_INET6, &mine), number = 33;
    ON(r, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    ON(r, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
    ON(r, IPPROTO_IPV6, IPV6_RECVTCLASS);
    NEED(send_with(s, &to, IPPROTO_IPV6, IPV6_HOPLIMIT, &number, sizeof(number)) == 5);
    receive(r, ROOM, 0);
    NEED(send_with(s, &to, IPPROTO_IPV6, IPV6_TCLASS, &number, sizeof(number)) == 5);
    receive(r, ROOM, 0);
    close(r);
    close(s);
}

static void errors(int family)
{
    union address nobody, mine;
    int closed = bound(family, &nobody), s = bound(family, &mine);
    close(closed);
    receive(s, ROOM, MSG_ERRQUEUE);
    if (family == AF_INET)
        ON(s, IPPROTO_IP, IP_RECVERR);
    else
        ON(s, IPPROTO_IPV6, IPV6_RECVERR);
    NEED(sendto(s, "anybody?", 8, 0, &nobody.any, sizeof(nobody)) == 8);
    struct pollfd p = {.fd = s};
    TRY(poll(&p, 1, 60000)); // until the answer is there
    receive(s, ROOM, MSG_ERRQUEUE);
    receive(s, ROOM, MSG_ERRQUEUE);
    receive(s, ROOM, MSG_DONTWAIT);
    close(s);
}

static void segments(void)
{
    union address to, mine;
    int r = bound(AF_INET, &to), s = bound(AF_INET, &mine);
    uint16_t size = 2;
    TRY(send_with(s, &to, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)));
    receive(r, ROOM, 0);
    receive(r, ROOM, 0);
    receive(r, ROOM, 0);
    ON(r, IPPROTO_UDP, UDP_GRO);
    TRY(send_with(s, &to, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)));
    receive(r, ROOM, 0);
    close(r);
    close(s);
}

static void several(void)
{
    union address to, mine;
    int r = bound(AF_INET, &to), s = bound(AF_INET, &mine), number = 9;
    ON(r, IPPROTO_IP, IP_RECVTTL);
    for (int i = 0; i < 3; i++)
        NEED(send_with(s, &to, IPPROTO_IP, IP_TTL, &number, sizeof(number)) == 5);
    char text[4][16], control[4][64];
    struct iovec v[4];
    struct mmsghdr m[4] = {0};
    for (int i = 0; i < 4; i++) {
        v[i] = (struct iovec){text[i], 3};
        m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1, .msg_control = control[i], .msg_controllen = 64};
    }
    TRY(recvmmsg(r, m, 3, 0, NULL));
    TRY(recvmmsg(r, m + 3, 1, MSG_DONTWAIT, NULL));
    for (int i = 0; i < 3; i++) {
        printf("%u bytes, flags %x\n", m[i].msg_len, m[i].msg_hdr.msg_flags);
        show_data(CMSG_FIRSTHDR(&m[i].msg_hdr));
    }
    close(r);
    close(s);
}

// An option of more than 256 bytes.
// What goes through the enclave only.
static void local(int type)
{
    int p[2], now = 1, v;
    socklen_t size = sizeof(v);
    char data[8], control[256];
    struct iovec io = {data, sizeof(data)};
    NEED(!socketpair(AF_UNIX, type, 0, p));
    for (int option = 0; option < 3; option++) {
        const int name = option == 1 ? SO_TIMESTAMPNS : SO_TIMESTAMP;
        now = option < 2;
        printf("option %d = %d\n", name, setsockopt(p[1], SOL_SOCKET, name, &now, sizeof(now)));
        getsockopt(p[1], SOL_SOCKET, SO_TIMESTAMP, &v, &size);
        printf("SO_TIMESTAMP %d\n", v);
        struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
        NEED(send(p[0], "a", 1, 0) == 1 && recvmsg(p[1], &m, 0) == 1);
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
            struct timespec t, after;
            memcpy(&t, CMSG_DATA(c), sizeof(t));
            clock_gettime(CLOCK_REALTIME, &after);
            printf("%d %d %zu, %s\n", c->cmsg_level, c->cmsg_type, (size_t)c->cmsg_len, after.tv_sec - t.tv_sec < 5 ? "now" : "then");
        }
    }
}

static void large_option(void)
{
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct group_source_req q = {.gsr_interface = 1}; // lo
    *(struct sockaddr_in *)&q.gsr_group = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = inet_addr("232.1.2.3")};
    *(struct sockaddr_in *)&q.gsr_source = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = inet_addr("127.0.0.1")};
    TRY(setsockopt(s, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &q, sizeof(q)));
    TRY(setsockopt(s, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &q, sizeof(q) - 1));
    TRY(setsockopt(s, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, &q, sizeof(q)));
    close(s);
}

int main(int argc, char **argv)
{
    begin(argv);
    local(SOCK_DGRAM);
    local(SOCK_STREAM);
    local(SOCK_SEQPACKET);
    large_option();
    version_4();
    errors(AF_INET);
    if (has_version_6()) { // not every machine
        version_6();
        errors(AF_INET6);
    }
    segments();
    several();
    return 0;
}
