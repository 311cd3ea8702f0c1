// SPDX-License-Identifier: MIT
//
// epoll: levels and edges, once, data, nesting, closing.
#include "conform.h"
#include "ipc/epoll.h"
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>

static int later_fd;
static void *later(void *unused)
{
    usleep(20000);
    NEED(write(later_fd, "x", 1) == 1);
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    ep = epoll_create1(EPOLL_CLOEXEC);
    TRY(fcntl(ep, F_GETFD));
    int a[2], b[2];
    char c;
    NEED(!pipe(a) && !pipe(b));
    TRY(set(EPOLL_CTL_ADD, a[0], EPOLLIN, 1));
    TRY(set(EPOLL_CTL_ADD, a[0], EPOLLIN, 1));
    TRY(set(EPOLL_CTL_ADD, b[0], EPOLLIN | EPOLLET, 2));
    TRY(set(EPOLL_CTL_ADD, a[1], EPOLLOUT, 3));
    show_ready("ready", 0);
    NEED(write(a[1], "xx", 2) == 2 && write(b[1], "xx", 2) == 2);
    show_ready("ready", 0);
    show_ready("ready", 0); // the edge is gone, the level stays
    NEED(write(b[1], "x", 1) == 1);
    show_ready("ready", 0);
    NEED(read(a[0], &c, 1) == 1);
    show_ready("ready", 0);
    NEED(read(a[0], &c, 1) == 1);
    show_ready("ready", 0);
    TRY(set(EPOLL_CTL_MOD, b[0], EPOLLIN | EPOLLONESHOT, 4));
    show_ready("ready", 0);
    show_ready("ready", 0);
    TRY(set(EPOLL_CTL_MOD, b[0], EPOLLIN | EPOLLONESHOT, 5));
    show_ready("ready", 0);
    TRY(set(EPOLL_CTL_DEL, a[1], 0, 0));
    TRY(set(EPOLL_CTL_DEL, a[1], 0, 0));
    TRY(set(EPOLL_CTL_MOD, a[1], EPOLLOUT, 0));
    show_ready("ready", 0);
    TRY(set(EPOLL_CTL_ADD, ep, EPOLLIN, 0));
    TRY(set(EPOLL_CTL_ADD, 77, EPOLLIN, 0));
    TRY(set(99, a[1], EPOLLIN, 0));
    TRY(set(EPOLL_CTL_ADD, open(".", O_RDONLY), EPOLLIN, 0));
    TRY(epoll_wait(ep, (struct epoll_event[1]){0}, 0, 0));
    TRY(epoll_wait(a[0], (struct epoll_event[1]){0}, 1, 0));
    TRY(epoll_wait(77, (struct epoll_event[1]){0}, 1, 0));
    TRY(epoll_create1(0x1234));
    TRY(epoll_create(0));
    // Blocking, woken by another thread; and nested.
    int outer = epoll_create1(0), inner = ep;
    ep = outer;
    TRY(set(EPOLL_CTL_ADD, inner, EPOLLIN, 6));
    later_fd = a[1];
    pthread_t t;
    NEED(!pthread_create(&t, NULL, later, NULL));
    show_ready("ready", 60000);
    pthread_join(t, NULL);
    struct timespec start, end;
    NEED(read(a[0], &c, 1) == 1);
    clock_gettime(CLOCK_MONOTONIC, &start);
    show_ready("ready", 30);
    clock_gettime(CLOCK_MONOTONIC, &end);
    IS((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000 >= 29);
    // The other end closes; what is closed leaves the set.
    ep = inner;
    close(a[1]);
    show_ready("ready", 0);
    close(a[0]);
    show_ready("ready", 0);
    int e = eventfd(1, 0), copy = dup(e);
    TRY(set(EPOLL_CTL_ADD, e, EPOLLIN, 7));
    close(e);
    show_ready("ready", 0); // still there: the open file is
    close(copy);
    show_ready("ready", 0);
    return 0;
}
