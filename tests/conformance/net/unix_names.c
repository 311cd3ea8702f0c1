// SPDX-License-Identifier: MIT
//
// AF_UNIX by name: paths and abstract names, connections, backlog, datagrams with senders, credentials, descriptors that travel.
#include "conform.h"
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct sockaddr_un address(const char *name, socklen_t *ret_size)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path, name[0] == '@' ? "" : name, name[0] == '@' ? 1 : strlen(name));
    if (name[0] == '@')
        memcpy(a.sun_path + 1, name + 1, strlen(name + 1));
    *ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] != '@'));
    return a;
}

static int bound(int type, const char *name)
{
    socklen_t size;
    struct sockaddr_un a = address(name, &size);
    int s = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    NEED(s >= 0);
    char what[64];
    snprintf(what, sizeof(what), "bind %s", name);
    errno = 0;
    int r = bind(s, (struct sockaddr *)&a, size);
    show_result(what, r, errno);
    return s;
}

static int try_connect(int s, const char *name)
{
    socklen_t size;
    struct sockaddr_un a = address(name, &size);
    char what[64];
    snprintf(what, sizeof(what), "connect %s", name);
    errno = 0;
    return (int)show_result(what, connect(s, (struct sockaddr *)&a, size), errno);
}

static void connections(const char *name)
{
    int l = bound(SOCK_STREAM, name), again = bound(SOCK_STREAM, name);
    int c = socket(AF_UNIX, SOCK_STREAM, 0), d = socket(AF_UNIX, SOCK_DGRAM, 0);
    try_connect(c, name); // nobody listens
    try_connect(d, name);
    TRY(accept(l, NULL, NULL));
    TRY(listen(l, 1));
    TRY(listen(again, 1));
    int v = -1;
    socklen_t n = sizeof(v);
    TRY(getsockopt(l, SOL_SOCKET, SO_ACCEPTCONN, &v, &n));
    printf("%d\n", v);
    TRY(send(c, "x", 1, MSG_NOSIGNAL));
    TRY(recv(c, &v, 1, MSG_DONTWAIT));
    try_connect(c, name);
    try_connect(c, name);
    TRY(write(c, "early", 5));
    struct sockaddr_un who = {0};
    n = sizeof(who);
    int a = accept4(l, (struct sockaddr *)&who, &n, SOCK_CLOEXEC);
    NEED(a >= 0);
    printf("family %d, size %u\n", who.sun_family, n);
    TRY(fcntl(a, F_GETFD));
    char text[16] = "";
    TRY(read(a, text, 16));
    n = sizeof(who);
    TRY(getpeername(c, (struct sockaddr *)&who, &n));
    printf("peer size %u\n", n);
    n = sizeof(who);
    TRY(getsockname(a, (struct sockaddr *)&who, &n));
    printf("own size %u\n", n);
    NEED(!fcntl(l, F_SETFL, O_NONBLOCK));
    TRY(accept(l, NULL, NULL));
    int waiting[4];
    for (int i = 0; i < 4; i++) {
        waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        try_connect(waiting[i], name);
    }
    struct pollfd p = {l, POLLIN | POLLOUT, 0};
    TRY(poll(&p, 1, 0));
    printf("events %x\n", p.revents);
    close(l);
    TRY(read(waiting[0], text, 1));
    TRY(read(a, text, 0));
    close(c);
    TRY(read(a, text, 1));
    try_connect(waiting[3], name);
    for (int i = 0; i < 4; i++)
        close(waiting[i]);
    close(a);
    close(d);
    close(again);
}

static void datagrams(void)
{
    int server = bound(SOCK_DGRAM, "server"), client = bound(SOCK_DGRAM, "client"), nameless = socket(AF_UNIX, SOCK_DGRAM, 0);
    socklen_t size;
    struct sockaddr_un to = address("server", &size), from;
    TRY(send(nameless, "x", 1, 0));
    TRY(sendto(nameless, "one", 3, 0, (struct sockaddr *)&to, size));
    TRY(sendto(client, "three", 5, 0, (struct sockaddr *)&to, size));
    char text[16] = "";
    for (int i = 0; i < 2; i++) {
        socklen_t n = sizeof(from);
        memset(&from, 0, sizeof(from));
        TRY(recvfrom(server, text, sizeof(text), 0, (struct sockaddr *)&from, &n));
        printf("from size %u '%s'\n", n, n > 2 ? from.sun_path : "");
    }
    try_connect(client, "server");
    TRY(send(client, "four", 4, 0));
    TRY(recv(server, text, sizeof(text), 0));
    TRY(connect(client, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr)));
    TRY(send(client, "x", 1, 0));
    try_connect(client, "server");
    close(server);
    TRY(send(client, "x", 1, 0));
    TRY(sendto(nameless, "x", 1, 0, (struct sockaddr *)&to, size));
    TRY(unlink("server"));
    TRY(sendto(nameless, "x", 1, 0, (struct sockaddr *)&to, size));
    TRY(open("client", O_RDWR));
    struct stat st;
    TRY(stat("client", &st));
    IS(S_ISSOCK(st.st_mode));
    struct sockaddr_un automatic = {.sun_family = AF_UNIX};
    TRY(bind(nameless, (struct sockaddr *)&automatic, sizeof(sa_family_t)));
    socklen_t n = sizeof(from);
    TRY(getsockname(nameless, (struct sockaddr *)&from, &n));
    printf("automatic size %u\n", n);
    TRY(bind(nameless, (struct sockaddr *)&to, size));
    close(client);
    close(nameless);
}

static ssize_t send_files(int s, const int *fds, int count, const char *text)
{
    char control[CMSG_SPACE(8 * sizeof(int))] __attribute__((aligned(8))) = {0};
    struct iovec v = {(void *)(uintptr_t)text, strlen(text)};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
    memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
    return sendmsg(s, &m, 0);
}

static void show_control(int s, size_t room, int flags)
{
    char control[256] __attribute__((aligned(8))), text[32] = "";
    struct iovec v = {text, sizeof(text) - 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
    ssize_t n = recvmsg(s, &m, flags);
    printf("%zd '%s' flags %x controls %zu:", n, text, m.msg_flags & ~MSG_CMSG_CLOEXEC, (size_t)m.msg_controllen);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); n >= 0 && c; c = CMSG_NXTHDR(&m, c)) {
        printf(" type %d size %zu", c->cmsg_type, (size_t)c->cmsg_len);
        for (size_t i = 0; c->cmsg_type == SCM_RIGHTS && i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int fd;
            char from[16] = "";
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            ssize_t got = pread(fd, from, 4, 0);
            printf(" [%zd %s %d]", got, from, fcntl(fd, F_GETFD));
            close(fd);
        }
    }
    puts("");
}

static void descriptors(void)
{
    int s[2], file = open("file", O_RDWR | O_CREAT, 0600), other = open("other", O_RDWR | O_CREAT, 0600);
    NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s) && write(file, "DATA", 4) == 4 && write(other, "MORE", 4) == 4);
    int both[2] = {file, other};
    TRY(send_files(s[0], both, 2, "with two"));
    TRY(send_files(s[0], &file, 1, "one"));
    TRY(write(s[0], "none", 4));
    close(file);
    show_control(s[1], 256, 0);
    show_control(s[1], 256, MSG_PEEK);
    show_control(s[1], 256, MSG_CMSG_CLOEXEC);
    show_control(s[1], 256, 0);
    TRY(send_files(s[0], both, 2, "bad")); // file is closed
    both[0] = other;
    TRY(send_files(s[0], both, 2, "no room"));
    show_control(s[1], CMSG_LEN(sizeof(int)), 0);
    TRY(send_files(s[0], both, 2, "no room at all"));
    show_control(s[1], 0, 0);
    int on = 1;
    NEED(!setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
    TRY(send_files(s[0], &other, 1, "and who"));
    show_control(s[1], 256, 0);
    fflush(stdout);
    pid_t p = fork();
    if (!p) { // a descriptor to another process
        close(s[0]);
        int pipe_ends[2];
        NEED(!pipe(pipe_ends) && send_files(s[1], &pipe_ends[0], 1, "p") == 1 && write(pipe_ends[1], "through", 7) == 7);
        _exit(0);
    }
    char control[64] __attribute__((aligned(8))), c, text[16] = "";
    struct iovec v = {&c, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    TRY(recvmsg(s[0], &m, 0));
    int fd;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
    waitpid(p, NULL, 0);
    TRY(read(fd, text, sizeof(text)));
    puts(text);
}

static void *slow_accept(void *l)
{
    usleep(30000);
    int a = accept(*(int *)l, NULL, NULL);
    char c = 0;
    NEED(read(a, &c, 1) == 1 && write(a, &c, 1) == 1);
    close(a);
    return NULL;
}

static void waiting(void)
{
    int l = bound(SOCK_SEQPACKET, "@waiting"), c = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    NEED(!listen(l, 5));
    pthread_t t;
    NEED(!pthread_create(&t, NULL, slow_accept, &l));
    try_connect(c, "@waiting");
    TRY(write(c, "!", 1));
    struct pollfd p = {c, POLLIN, 0};
    TRY(poll(&p, 1, 60000));
    char text[4];
    TRY(read(c, text, 4));
    TRY(read(c, text, 4));
    pthread_join(t, NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    connections("path");
    unlink("path");
    connections("@abstract of a test");
    datagrams();
    descriptors();
    waiting();
    return 0;
}
