// SPDX-License-Identifier: MIT
//
// Waiting for sockets of the network together with other files: both end the wait, edges too, and a socket that is closed meanwhile.
#include "asleep.h"
#include "conform.h"
#include "ipc/epoll.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>

static int counter, here, there, listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

static void connect_both(void)
{
    here = socket(AF_INET, SOCK_STREAM, 0);
    NEED(!connect(here, (struct sockaddr *)&address, sizeof(address)));
    there = accept(listener, NULL, NULL);
    NEED(there >= 0);
    const int on = 1; // answers that follow one another would wait for acknowledgements
    NEED(!setsockopt(there, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
}

static void *answers(void *unused)
{
    struct pollfd files[2] = {{.fd = counter, .events = POLLIN}, {.fd = there, .events = POLLIN}};
    uint64_t n;
    char c;
    for (int by_counter = 0, by_socket = 0; by_counter + by_socket < 600;) {
        NEED(poll(files, 2, -1) > 0);
        if (files[0].revents) {
            NEED(read(counter, &n, sizeof(n)) == sizeof(n));
            by_counter++;
            NEED(write(there, "c", 1) == 1);
        }
        if (files[1].revents) {
            NEED(read(there, &c, 1) == 1);
            by_socket++;
            NEED(write(there, "s", 1) == 1);
        }
    }
    return NULL;
}

static void in_turns(void)
{
    const uint64_t one = 1;
    int right = 0;
    char c;
    pthread_t t;
    NEED(!pthread_create(&t, NULL, answers, NULL));
    for (int i = 0; i < 600; i++) {
        bool by_counter = i % 3 == 0;
        NEED(by_counter ? write(counter, &one, sizeof(one)) == sizeof(one) : write(here, "x", 1) == 1);
        NEED(read(here, &c, 1) == 1);
        right += c == (by_counter ? 'c' : 's');
    }
    NEED(!pthread_join(t, NULL));
    printf("%d answers\n", right);
}

static void *waits(void *unused)
{
    show_ready("waited", -1);
    return NULL;
}

static void edges(void)
{
    char c;
    pthread_t t;
    NEED(!set(EPOLL_CTL_ADD, there, EPOLLIN | EPOLLOUT | EPOLLET, 1) && !set(EPOLL_CTL_ADD, counter, EPOLLIN, 2));
    show_ready("writable", 0);
    show_ready("no more", 20);
    NEED(!pthread_create(&t, NULL, waits, NULL));
    until_others_sleep();
    NEED(write(here, "x", 1) == 1);
    NEED(!pthread_join(t, NULL));
    NEED(read(there, &c, 1) == 1);
    show_ready("read", 20);
}

// Full, told to nobody, and emptied while somebody waits.
static void room(void)
{
    static char buffer[1 << 16];
    struct pollfd p = {.fd = there, .events = POLLOUT};
    pthread_t t;
    do { // until it stays full: what is on its way makes room when it arrives
        while (send(there, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
            ;
    } while (poll(&p, 1, 20));
    errno = 0;
    send(there, buffer, 1, MSG_DONTWAIT);
    printf("full: %s, poll %d\n", errno_name(errno), poll(&p, 1, 0));
    NEED(!pthread_create(&t, NULL, waits, NULL));
    until_others_sleep();
    while (recv(here, buffer, sizeof(buffer), MSG_DONTWAIT) > 0 || !poll(&p, 1, 0))
        ;
    NEED(!pthread_join(t, NULL));
}

static void closed(void)
{
    const uint64_t one = 1;
    char c;
    pthread_t t;
    NEED(!pthread_create(&t, NULL, waits, NULL));
    until_others_sleep();
    close(there);
    struct pollfd p = {.fd = here, .events = POLLIN};
    printf("the other end: %d\n", poll(&p, 1, 60000));
    while (recv(here, &c, 1, 0) > 0)
        ;
    NEED(write(counter, &one, sizeof(one)) == sizeof(one));
    NEED(!pthread_join(t, NULL));
}

static void selected(void)
{
    fd_set readable, writable;
    int high = (here > counter ? here : counter) + 1;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(here, &readable);
    FD_SET(counter, &readable);
    FD_SET(here, &writable);
    printf("select: %d", select(high, &readable, &writable, NULL, NULL));
    printf(" %d %d %d\n", !!FD_ISSET(here, &readable), !!FD_ISSET(counter, &readable), !!FD_ISSET(here, &writable));
}

int main(int argc, char **argv)
{
    begin(argv);
    socklen_t size = sizeof(address);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    counter = eventfd(0, 0);
    ep = epoll_create1(0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    NEED(!bind(listener, (struct sockaddr *)&address, sizeof(address)) && !listen(listener, 4));
    NEED(!getsockname(listener, (struct sockaddr *)&address, &size));
    connect_both();
    in_turns();
    edges();
    room();
    closed();
    close(here);
    connect_both();
    selected();
    return 0;
}
