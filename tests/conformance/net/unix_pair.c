// SPDX-License-Identifier: MIT
//
// socketpair: streams, datagrams, records; shutdown, ends, peeking, waiting, signals, descriptors' properties.
#include "conform.h"
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

static char block[1 << 20];
static volatile sig_atomic_t pipes;

static void on_pipe(int sig)
{
    pipes++;
}

static int ready(int fd)
{
    struct pollfd f = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    poll(&f, 1, 0);
    return f.revents;
}

static void stream(void)
{
    int s[2];
    char text[64] = "";
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    struct stat st;
    NEED(!fstat(s[0], &st));
    IS(S_ISSOCK(st.st_mode));
    TRY(lseek(s[0], 0, SEEK_CUR));
    printf("events %x\n", ready(s[0]));
    TRY(write(s[0], "hello", 5));
    TRY(send(s[0], " world", 6, 0));
    int waiting = -1;
    TRY(ioctl(s[1], FIONREAD, &waiting));
    printf("%d waiting, events %x\n", waiting, ready(s[1]));
    TRY(recv(s[1], text, 4, MSG_PEEK));
    TRY(recv(s[1], text, sizeof(text), 0));
    puts(text);
    TRY(recv(s[1], text, sizeof(text), MSG_DONTWAIT));
    TRY(recv(s[1], text, 0, MSG_DONTWAIT));
    struct iovec v[2] = {{"ab", 2}, {"cde", 3}};
    TRY(writev(s[1], v, 2));
    TRY(read(s[0], text, 3));
    TRY(read(s[0], text, 30));
    TRY(sendto(s[0], "x", 1, 0, (struct sockaddr *)&(struct sockaddr){AF_UNIX, "a"}, sizeof(struct sockaddr)));
    TRY(connect(s[0], (struct sockaddr *)&(struct sockaddr){AF_UNIX, "a"}, sizeof(struct sockaddr)));
    TRY(listen(s[0], 1));
    TRY(accept(s[0], NULL, NULL));
    TRY(recv(s[0], text, 1, MSG_OOB));
    TRY(shutdown(s[0], 3));
    TRY(shutdown(s[0], SHUT_WR));
    printf("events %x %x\n", ready(s[0]), ready(s[1]));
    TRY(read(s[1], text, 1));
    TRY(write(s[1], "still", 5));
    TRY(read(s[0], text, 10));
    TRY(write(s[0], "x", 1));
    TRY(send(s[0], "x", 1, MSG_NOSIGNAL));
    printf("%d signals\n", (int)pipes);
    close(s[1]);
    printf("events %x\n", ready(s[0]));
    TRY(read(s[0], text, 1));
    close(s[0]);
    NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s));
    TRY(fcntl(s[0], F_GETFD));
    TRY(!!(fcntl(s[0], F_GETFL) & O_NONBLOCK));
    TRY(read(s[0], text, 1));
    TRY(write(s[0], "lost", 4));
    close(s[1]); // unread
    TRY(read(s[0], text, 1));
    TRY(read(s[0], text, 1));
    TRY(write(s[0], "x", 1));
    close(s[0]);
}

// Who leaves had sent something, and had not received something.
static void last_words(int type)
{
    int s[2];
    char text[8] = "";
    NEED(!socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s));
    NEED(write(s[1], "words", 5) == 5);
    NEED(write(s[0], "lost", 4) == 4);
    close(s[1]);
    printf("events %x\n", ready(s[0]));
    for (int i = 0; i < 4; i++)
        TRY(read(s[0], text, 3));
    close(s[0]);
}

static void *reader(void *fd)
{
    static char piece[9000];
    long total = 0;
    for (ssize_t n; (n = read(*(int *)fd, piece, sizeof(piece))) > 0;)
        for (ssize_t i = 0; i < n; i++)
            total += piece[i] == (char)(i & 0) ? 1 : 1;
    printf("%ld bytes\n", total);
    return NULL;
}

static void full(void)
{
    int s[2];
    pthread_t t;
    NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    NEED(!pthread_create(&t, NULL, reader, &s[1]));
    TRY(write(s[0], block, sizeof(block))); // more than fits: waits for the reader
    shutdown(s[0], SHUT_WR);
    pthread_join(t, NULL);
    NEED(!fcntl(s[1], F_SETFL, O_NONBLOCK));
    ssize_t n, all = 0;
    while ((n = write(s[1], block, 4096)) > 0)
        all += n;
    printf("full: %s, %d, events %x\n", errno_name(errno), all >= 65536, ready(s[1]) & POLLOUT);
    struct timeval little = {0, 30000};
    TRY(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &little, sizeof(little)));
    while (recv(s[0], block, sizeof(block), MSG_DONTWAIT) > 0)
        ;
    TRY(recv(s[0], block, 1, 0)); // times out
    NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    pid_t p = fork();
    if (!p) {
        for (int i = 0; i < 3; i++) {
            NEED(write(s[1], "0123456789", 10) == 10);
            usleep(10000);
        }
        _exit(0);
    }
    TRY(recv(s[0], block, 25, MSG_WAITALL));
    TRY(recv(s[0], block, 25, 0));
    waitpid(p, NULL, 0);
    close(s[0]);
    close(s[1]);
}

static void packets(int type)
{
    int s[2];
    char text[64] = "";
    TRY(socketpair(AF_UNIX, type, 0, s));
    TRY(send(s[0], "first", 5, 0));
    TRY(send(s[0], "", 0, 0));
    TRY(send(s[0], "second", 6, 0));
    int waiting = -1;
    TRY(ioctl(s[1], FIONREAD, &waiting));
    printf("%d waiting\n", waiting);
    TRY(recv(s[1], text, 2, MSG_PEEK));
    TRY(recv(s[1], text, 2, MSG_TRUNC));
    TRY(recv(s[1], text, 9, 0));
    struct iovec v = {text, 3};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    TRY(recvmsg(s[1], &m, 0));
    printf("flags %x\n", m.msg_flags);
    TRY(send(s[0], block, sizeof(block), 0)); // too long
    TRY(recv(s[1], text, 1, MSG_DONTWAIT));
    struct mmsghdr many[4] = {{.msg_hdr = {.msg_iov = &(struct iovec){"abc", 3}, .msg_iovlen = 1}},
                              {.msg_hdr = {.msg_iov = &(struct iovec){"de", 2}, .msg_iovlen = 1}}};
    TRY(sendmmsg(s[0], many, 2, 0));
    char in[4][8];
    struct iovec iv[4];
    for (int i = 0; i < 4; i++) {
        iv[i] = (struct iovec){in[i], 8};
        many[i].msg_hdr = (struct msghdr){.msg_iov = &iv[i], .msg_iovlen = 1};
    }
    TRY(recvmmsg(s[1], many, 4, MSG_DONTWAIT, NULL));
    printf("%u %u\n", many[0].msg_len, many[1].msg_len);
    shutdown(s[0], SHUT_WR);
    TRY(send(s[0], "x", 1, 0));
    printf("events %x\n", ready(s[1]) & ~POLLOUT);
    TRY(recv(s[1], text, 1, MSG_DONTWAIT));
    close(s[1]);
    TRY(send(s[0], "x", 1, 0));
    printf("%d signals\n", (int)pipes);
    close(s[0]);
}

static void options(void)
{
    int s[2], v = -1;
    socklen_t n = sizeof(v);
    NEED(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
    static const int names[] = {SO_TYPE,   SO_DOMAIN, SO_PROTOCOL, SO_ERROR,     SO_ACCEPTCONN,
                                SO_SNDBUF, SO_RCVBUF, SO_PASSCRED, SO_REUSEADDR, SO_KEEPALIVE};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        n = sizeof(v);
        int r = getsockopt(s[0], SOL_SOCKET, names[i], &v, &n);
        if (names[i] == SO_SNDBUF || names[i] == SO_RCVBUF)
            v = v > 0; // a matter of how the machine is set up
        printf("option %d: %d %d %u\n", names[i], r, v, n);
    }
    v = 10000;
    TRY(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, sizeof(v)));
    TRY(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, &n));
    printf("%d\n", v);
    v = 1;
    TRY(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &v, sizeof(v)));
    TRY(setsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, sizeof(v)));
    TRY(setsockopt(s[0], SOL_SOCKET, 9999, &v, sizeof(v)));
    TRY(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &v, 2));
    TRY(setsockopt(s[0], 6, 1, &v, sizeof(v)));
    struct ucred { int pid, uid, gid; } c = {0, 0, 0};
    n = sizeof(c);
    TRY(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &c, &n));
    IS(c.pid == getpid() && c.uid == (int)getuid() && n == sizeof(c));
    struct sockaddr_storage a;
    n = sizeof(a);
    TRY(getsockname(s[0], (struct sockaddr *)&a, &n));
    printf("%u %d\n", n, a.ss_family);
    TRY(getpeername(s[0], (struct sockaddr *)&a, &n));
    TRY(socket(AF_UNIX, 77, 0));
    TRY(socket(AF_UNIX, SOCK_STREAM, 77));
    TRY(socket(999, SOCK_STREAM, 0));
    TRY(socket(AF_UNIX, SOCK_STREAM | 0x10000000, 0));
    TRY(send(0, "x", 1, 0) < 0 ? errno == ENOTSOCK : 9);
    TRY(send(99, "x", 1, 0));
    TRY(recv(s[0], (void *)8, 1, MSG_DONTWAIT));
    TRY(send(s[0], (void *)8, 1, MSG_DONTWAIT));
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8));
}

// The smallest buffer of a sender bounds what waits in a stream, whatever the receiver's is.
static void small_buffer(void)
{
    static char data[16384];
    int s[2], v = 1;
    NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
    TRY(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, sizeof(v)));
    ssize_t n = write(s[0], data, sizeof(data));
    IS(n > 0 && n < (ssize_t)sizeof(data));
    IS(write(s[1], data, sizeof(data)) == (ssize_t)sizeof(data)); // the other direction is as it was
    close(s[0]);
    close(s[1]);
}

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGPIPE, on_pipe);
    stream();
    last_words(SOCK_STREAM);
    last_words(SOCK_SEQPACKET);
    last_words(SOCK_DGRAM);
    full();
    small_buffer();
    packets(SOCK_DGRAM);
    packets(SOCK_SEQPACKET);
    options();
    return 0;
}
