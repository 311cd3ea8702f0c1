// SPDX-License-Identifier: MIT
//
// Files that are closed while an epoll has them: the other end learns of it at once, and the epoll forgets them.
#include "asleep.h"
#include "conform.h"
#include "ipc/epoll.h"
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void other_end(const char *when, int s)
{
    char c;
    struct pollfd p = {.fd = s, .events = POLLIN};
    int n = poll(&p, 1, 0);
    ssize_t r = recv(s, &c, 1, MSG_DONTWAIT);
    printf("%s: poll %d %x, recv %zd %s\n", when, n, p.revents, r, r < 0 ? errno_name(errno) : "");
}

static void pair(int s[2])
{
    NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    NEED(!set(EPOLL_CTL_ADD, s[0], EPOLLIN, 1));
}

static void plain(void)
{
    int s[2];
    pair(s);
    close(s[0]);
    other_end("closed", s[1]);
    close(s[1]);
}

static void in_two(void)
{
    int s[2], first = ep;
    ep = epoll_create1(0);
    pair(s);
    NEED(!epoll_ctl(first, EPOLL_CTL_ADD, s[0], &(struct epoll_event){.events = EPOLLOUT}));
    close(s[0]);
    other_end("closed, in two", s[1]);
    close(s[1]);
    close(ep);
    ep = first;
}

static void copied(void)
{
    int s[2];
    pair(s);
    int copy = dup(s[0]);
    close(s[0]);
    other_end("a copy is open", s[1]);
    NEED(write(s[1], "x", 1) == 1);
    show_ready("a copy is open", 0);
    dup2(s[1], copy);
    other_end("replaced", s[1]);
    show_ready("replaced", 0);
    close(s[1]);
    close(copy);
}

static void inherited(void)
{
    int s[2], p[2];
    char c;
    pair(s);
    NEED(!pipe(p));
    pid_t child = fork();
    if (!child) {
        close(s[1]);
        close(p[1]);
        NEED(read(p[0], &c, 1) == 0);
        _exit(0);
    }
    close(s[0]);
    NEED(write(s[1], "x", 1) == 1);
    other_end("the child has it", s[1]);
    show_ready("the child has it", 0);
    close(p[1]);
    NEED(waitpid(child, NULL, 0) == child);
    show_ready("the child has ended", 0);
    NEED(recv(s[1], &c, 1, 0) <= 0); // ECONNRESET: what was written was not read
    other_end("the child has ended", s[1]);
    close(p[0]);
    close(s[1]);
}

static void *waits(void *unused)
{
    show_ready("waited", -1);
    return NULL;
}

static void while_somebody_waits(void)
{
    int s[2], p[2];
    pair(s);
    NEED(!pipe(p) && !set(EPOLL_CTL_ADD, p[0], EPOLLIN, 2));
    pthread_t t;
    NEED(!pthread_create(&t, NULL, waits, NULL));
    until_others_sleep();
    close(s[0]);
    struct pollfd end = {.fd = s[1], .events = POLLIN};
    printf("the other end: %d\n", poll(&end, 1, 60000));
    other_end("closed", s[1]);
    NEED(write(p[1], "x", 1) == 1);
    pthread_join(t, NULL);
    close(p[0]);
    close(p[1]);
    close(s[1]);
}

int main(int argc, char **argv)
{
    begin(argv);
    ep = epoll_create1(0);
    plain();
    in_two();
    copied();
    inherited();
    for (int i = 0; i < 3; i++)
        while_somebody_waits();
    show_ready("all is closed", 0);
    return 0;
}
