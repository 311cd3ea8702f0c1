// SPDX-License-Identifier: MIT
//
// TCP and UDP over loopback: connections in one process and between two, waiting, ends, options, datagrams.
#include "conform.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

static char block[1 << 20];

static int listener(int domain, struct sockaddr_in6 *ret, socklen_t *ret_size)
{
    int l = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    NEED(l >= 0 && !setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
    memset(ret, 0, sizeof(*ret));
    ret->sin6_family = (sa_family_t)domain;
    struct sockaddr_in *four = (struct sockaddr_in *)ret;
    if (domain == AF_INET)
        four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        ret->sin6_addr = in6addr_loopback;
    *ret_size = domain == AF_INET ? sizeof(*four) : sizeof(*ret);
    NEED(!bind(l, (struct sockaddr *)ret, *ret_size) && !listen(l, 8) && !getsockname(l, (struct sockaddr *)ret, ret_size));
    printf("domain %d, name of %u bytes, port %d\n", domain, *ret_size, four->sin_port != 0);
    return l;
}

static bool has_version_6(void)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int s = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = s >= 0 && !bind(s, (struct sockaddr *)&a, sizeof(a));
    close(s);
    return has;
}

static void *echo(void *l)
{
    struct sockaddr_in6 from;
    socklen_t size = sizeof(from);
    int a = accept4(*(int *)l, (struct sockaddr *)&from, &size, SOCK_CLOEXEC);
    NEED(a >= 0);
    static char piece[70000];
    for (ssize_t n; (n = recv(a, piece, sizeof(piece), 0)) > 0;)
        NEED(send(a, piece, (size_t)n, 0) == n);
    close(a);
    return (void *)(uintptr_t)size;
}

static void conversation(int domain)
{
    struct sockaddr_in6 to;
    socklen_t size;
    pthread_t t;
    int l = listener(domain, &to, &size), c = socket(domain, SOCK_STREAM, 0);
    NEED(!pthread_create(&t, NULL, echo, &l));
    TRY(send(c, "x", 1, MSG_NOSIGNAL));
    TRY(connect(c, (struct sockaddr *)&to, size));
    TRY(connect(c, (struct sockaddr *)&to, size));
    TRY(send(c, "hello", 5, 0));
    TRY(recv(c, block, 5, MSG_WAITALL));
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (char)(i * 7 % 251);
    size_t sent = 0, got = 0, wrong = 0;
    static char back[1 << 16];
    NEED(!fcntl(c, F_SETFL, O_NONBLOCK));
    while (got < sizeof(block)) {
        struct pollfd p = {c, (short)(POLLIN | (sent < sizeof(block) ? POLLOUT : 0)), 0};
        NEED(poll(&p, 1, 60000) == 1);
        ssize_t n = p.revents & POLLOUT && sent < sizeof(block) ? send(c, block + sent, sizeof(block) - sent, 0) : 0;
        sent += n > 0 ? (size_t)n : 0;
        n = p.revents & POLLIN ? recv(c, back, sizeof(back), 0) : 0;
        for (ssize_t i = 0; i < n; i++)
            wrong += back[i] != (char)((got + (size_t)i) * 7 % 251);
        got += n > 0 ? (size_t)n : 0;
    }
    printf("%zu back, %zu wrong\n", got, wrong);
    TRY(recv(c, back, 1, 0));
    TRY(shutdown(c, SHUT_WR));
    struct pollfd p = {c, POLLIN | POLLRDHUP, 0};
    TRY(poll(&p, 1, 60000));
    TRY(recv(c, back, 1, 0));
    TRY(send(c, "x", 1, MSG_NOSIGNAL));
    void *accepted;
    pthread_join(t, &accepted);
    printf("accepted with a name of %zu bytes\n", (size_t)accepted);
    struct sockaddr_in6 name;
    socklen_t n = sizeof(name);
    TRY(getsockname(c, (struct sockaddr *)&name, &n));
    close(c);
    close(l);
    c = socket(domain, SOCK_STREAM, 0);
    TRY(connect(c, (struct sockaddr *)&to, size)); // nobody there any more
    close(c);
}

static void between_processes(void)
{
    struct sockaddr_in6 to;
    socklen_t size;
    int l = listener(AF_INET, &to, &size);
    fflush(stdout);
    pid_t p = fork();
    if (!p) {
        int c = socket(AF_INET, SOCK_STREAM, 0);
        NEED(!connect(c, (struct sockaddr *)&to, size) && write(c, "from the child", 14) == 14);
        char text[16];
        _exit(read(c, text, 16) == 4 ? 3 : 4);
    }
    int a = accept(l, NULL, NULL);
    char text[32] = "";
    TRY(recv(a, text, 14, MSG_WAITALL));
    puts(text);
    TRY(write(a, "back", 4));
    int status;
    NEED(waitpid(p, &status, 0) == p);
    printf("exit %d\n", WEXITSTATUS(status));
    TRY(read(a, text, 1));
    close(a);
    close(l);
}

static void options(void)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP), v;
    socklen_t n = sizeof(v);
    static const int names[][2] = {{SOL_SOCKET, SO_TYPE},      {SOL_SOCKET, SO_DOMAIN},     {SOL_SOCKET, SO_PROTOCOL},
                                   {SOL_SOCKET, SO_ERROR},     {SOL_SOCKET, SO_ACCEPTCONN}, {SOL_SOCKET, SO_REUSEADDR},
                                   {SOL_SOCKET, SO_KEEPALIVE}, {IPPROTO_TCP, TCP_NODELAY},  {IPPROTO_TCP, TCP_KEEPCNT}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        n = sizeof(v);
        v = -1;
        int r = getsockopt(s, names[i][0], names[i][1], &v, &n);
        printf("option %d %d: %d %d %u\n", names[i][0], names[i][1], r, v, n);
    }
    v = 1;
    TRY(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, sizeof(v)));
    TRY(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, &n));
    TRY(v != 0);
    TRY(setsockopt(s, IPPROTO_TCP, 9999, &v, sizeof(v)));
    TRY(accept(s, NULL, NULL));
    TRY(recv(s, &v, 1, 0));
    TRY(bind(s, (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x01020304)},
             sizeof(struct sockaddr_in)));
    TRY(getpeername(s, (struct sockaddr *)block, &n));
    TRY(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}));
    TRY(ioctl(s, FIONREAD, &v));
    struct stat st;
    IS(!fstat(s, &st) && S_ISSOCK(st.st_mode));
    close(s);
}

static void datagrams(void)
{
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
    socklen_t n = sizeof(to);
    NEED(!bind(a, (struct sockaddr *)&to, n) && !getsockname(a, (struct sockaddr *)&to, &n));
    TRY(sendto(b, "datagram", 8, 0, (struct sockaddr *)&to, n));
    TRY(sendto(b, "", 0, 0, (struct sockaddr *)&to, n));
    char text[16] = "";
    TRY(recvfrom(a, text, 4, MSG_PEEK, (struct sockaddr *)&from, &n));
    TRY(recvfrom(a, text, 4, MSG_TRUNC, (struct sockaddr *)&from, &n));
    IS(from.sin_family == AF_INET && n == sizeof(from));
    TRY(recv(a, text, 16, 0));
    TRY(sendto(a, "answer", 6, 0, (struct sockaddr *)&from, n));
    struct pollfd p = {b, POLLIN, 0};
    TRY(poll(&p, 1, 60000));
    struct iovec v = {text, 3};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_name = &from, .msg_namelen = sizeof(from)};
    TRY(recvmsg(b, &m, 0));
    printf("flags %x, name of %u bytes\n", m.msg_flags, m.msg_namelen);
    TRY(recv(b, text, 1, 0));
    struct timeval little = {0, 20000};
    TRY(setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &little, sizeof(little)));
    TRY(recv(a, text, 1, 0));
    TRY(sendto(b, block, 70000, 0, (struct sockaddr *)&to, n));
    TRY(connect(b, (struct sockaddr *)&to, n));
    TRY(send(b, "connected", 9, 0));
    TRY(recv(a, text, 16, 0));
}

static volatile sig_atomic_t seen;

static void on_alarm(int sig)
{
    seen++;
}

static void interrupted(void)
{
    struct sockaddr_in6 to;
    socklen_t size;
    int l = listener(AF_INET, &to, &size);
    struct sigaction action = {.sa_handler = on_alarm};
    NEED(!sigaction(SIGALRM, &action, NULL) && !setitimer(ITIMER_REAL, &(struct itimerval){{0, 20000}, {0, 20000}}, NULL));
    TRY(accept(l, NULL, NULL));
    IS(seen > 0);
    NEED(!setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL));
    int e = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = 7};
    TRY(epoll_ctl(e, EPOLL_CTL_ADD, l, &event));
    TRY(epoll_wait(e, &event, 1, 10));
    int c = socket(AF_INET, SOCK_STREAM, 0);
    TRY(connect(c, (struct sockaddr *)&to, size));
    TRY(epoll_wait(e, &event, 1, 60000));
    printf("%u\n", event.data.u32);
    close(c);
    close(l);
}

int main(int argc, char **argv)
{
    begin(argv);
    conversation(AF_INET);
    if (has_version_6()) // not every machine
        conversation(AF_INET6);
    between_processes();
    options();
    datagrams();
    interrupted();
    return 0;
}
