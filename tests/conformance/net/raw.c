// SPDX-License-Identifier: MIT
//
// Raw sockets, for those who may: an echo over loopback, with headers and without.
// needs: root
#include "conform.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

static uint16_t checksum(const void *data, size_t size)
{
    const uint8_t *p = data;
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i += 2)
        sum += (uint32_t)(p[i] << 8 | (i + 1 < size ? p[i + 1] : 0));
    sum = (sum >> 16) + (sum & 0xffff);
    return htons((uint16_t)~(sum + (sum >> 16)));
}

static void show_socket(const char *what, int s)
{
    if (s < 0)
        printf("%s: %s, %d\n", what, errno_name(errno), errno);
    else
        printf("%s: made\n", what);
    if (s >= 0)
        close(s);
}

// Whatever else comes in is not ours.
static void wait_for_reply(int s, uint16_t id)
{
    uint8_t packet[256];
    struct pollfd p = {.fd = s, .events = POLLIN};
    while (poll(&p, 1, 60000) == 1) {
        ssize_t n = recv(s, packet, sizeof(packet), 0);
        const struct iphdr *ip = (struct iphdr *)packet;
        const struct icmphdr *icmp = (struct icmphdr *)(packet + ip->ihl * 4);
        if (n < 20 || icmp->un.echo.id != id)
            continue;
        printf("type %d sequence %d, %zd bytes, protocol %d ttl %d\n", icmp->type, ntohs(icmp->un.echo.sequence), n, ip->protocol, ip->ttl);
        if (icmp->type == ICMP_ECHOREPLY)
            return;
    }
    puts("no reply");
}

static void echo(int s)
{
    struct {
        struct icmphdr head;
        char text[8];
    } q = {.head = {.type = ICMP_ECHO, .un.echo = {.id = (uint16_t)getpid(), .sequence = htons(7)}}, .text = "echoes"};
    q.head.checksum = checksum(&q, sizeof(q));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int ttl = 9;
    TRY(setsockopt(s, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)));
    TRY(sendto(s, &q, sizeof(q), 0, (struct sockaddr *)&to, sizeof(to)));
    wait_for_reply(s, q.head.un.echo.id);
    close(s);
}

int main(int argc, char **argv)
{
    begin(argv);
    show_socket("no protocol", socket(AF_INET, SOCK_RAW, 0));
    show_socket("records", socket(AF_INET, SOCK_SEQPACKET, 0));
    show_socket("of version 6", socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
    int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (s >= 0)
        echo(s);
    else
        printf("not for this user: %s\n", errno_name(errno));
    pid_t child = fork();
    if (!child) {
        NEED(!setuid(1000));
        show_socket("a user's", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return 0;
}
