// SPDX-License-Identifier: MIT
//
// Descriptors that are closed while an epoll has them, or while somebody polls them.
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "asleep.h"
#include "conform.h"

static int epoll_with(int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    int epoll = epoll_create1(0);
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    return epoll;
}

static void look(int epoll)
{
    struct epoll_event event;
    TRY(epoll_wait(epoll, &event, 1, 0));
}

// The other end learns of it although the epoll was never told.
static void closed_in_epoll(void)
{
    char byte;
    int pair[2];
    NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
    int epoll = epoll_with(pair[0]);
    look(epoll);
    TRY(read(pair[1], &byte, 1));
    close(pair[0]);
    look(epoll);
    TRY(read(pair[1], &byte, 1));
    close(pair[1]);
    close(epoll);
}

// A duplicate keeps both the file and its place in the epoll.
static void duplicate_in_epoll(void)
{
    char byte;
    int pair[2];
    NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
    int epoll = epoll_with(pair[0]), copy = dup(pair[0]);
    close(pair[0]);
    look(epoll);
    TRY(write(pair[1], "x", 1));
    look(epoll);
    close(copy);
    look(epoll);
    TRY(read(pair[1], &byte, 1));
    close(pair[1]);
    close(epoll);
}

static void *poll_for_ever(void *fd)
{
    struct pollfd p = {.fd = *(int *)fd, .events = POLLIN};
    TRY(poll(&p, 1, -1)); // looks the descriptor up again
    IS(p.revents == POLLNVAL);
    return NULL;
}

// Whoever polls a file keeps it until he is woken.
static void closed_in_poll(void)
{
    int fds[2], polled;
    pthread_t poller;
    signal(SIGPIPE, SIG_IGN);
    NEED(!pipe(fds));
    polled = fds[0];
    NEED(!pthread_create(&poller, NULL, poll_for_ever, &polled));
    until_others_sleep();
    close(fds[0]);
    errno = 0;
    long n = write(fds[1], "x", 1); // to a pipe that is only polled
    int error = errno;
    pthread_join(poller, NULL);
    show_result("write", n, error);
    close(fds[1]);
}

int main(int argc, char **argv)
{
    (void)argc;
    begin(argv);
    closed_in_epoll();
    duplicate_in_epoll();
    closed_in_poll();
    return 0;
}
