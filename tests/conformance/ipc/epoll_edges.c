// SPDX-License-Identifier: MIT
//
// epoll: every edge once; fair turns; circles and chains of epolls.
#include "asleep.h"
#include "conform.h"
#include "ipc/epoll.h"
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>

static char buffer[1 << 20];

static void pipes(void)
{
    int p[2];
    ep = epoll_create1(0);
    NEED(!pipe2(p, O_NONBLOCK));
    TRY(set(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 1));
    TRY(set(EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET, 2));
    show_ready("new", 0);
    show_ready("again", 0);
    NEED(write(p[1], "abc", 3) == 3);
    show_ready("written", 0);
    NEED(read(p[0], buffer, 1) == 1);
    show_ready("read one of three", 0);
    NEED(write(p[1], "d", 1) == 1);
    show_ready("written more", 0);
    while (write(p[1], buffer, 4096) > 0)
        ;
    show_ready("full", 0);
    NEED(read(p[0], buffer, sizeof(buffer)) > 0);
    show_ready("emptied", 0);
    show_ready("again", 0);
    TRY(set(EPOLL_CTL_MOD, p[1], EPOLLOUT | EPOLLET, 3));
    show_ready("changed", 0);
    NEED(write(p[1], "e", 1) == 1);
    TRY(set(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET | EPOLLONESHOT, 4));
    show_ready("once", 0);
    NEED(write(p[1], "f", 1) == 1);
    show_ready("no more", 0);
    TRY(set(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 4));
    show_ready("armed", 0);
    close(p[1]);
    show_ready("closed", 0);
    show_ready("again", 0);
    close(p[0]);
    close(ep);
}

static void counters(void)
{
    uint64_t n = 1;
    ep = epoll_create1(0);
    int e = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
    TRY(set(EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 1));
    show_ready("new", 0);
    for (int i = 0; i < 3; i++)
        NEED(write(e, &n, 8) == 8);
    show_ready("counted three", 0);
    show_ready("again", 0);
    NEED(read(e, &n, 8) == 8);
    show_ready("read one", 0);
    NEED(write(e, &n, 8) == 8);
    show_ready("one more", 0);
    close(e);
    int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    TRY(set(EPOLL_CTL_ADD, t, EPOLLIN | EPOLLET, 2));
    const struct itimerspec soon = {.it_value = {0, 1000000}};
    for (int i = 0; i < 2; i++) {
        NEED(!timerfd_settime(t, 0, &soon, NULL));
        usleep(20000);
        show_ready("expired", 0);
        show_ready("again", 0);
    }
    close(t);
    close(ep);
}

static void sockets(void)
{
    int s[2];
    ep = epoll_create1(0);
    NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
    TRY(set(EPOLL_CTL_ADD, s[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1));
    show_ready("new", 0);
    show_ready("again", 0);
    NEED(write(s[1], "abc", 3) == 3);
    show_ready("sent", 0);
    show_ready("again", 0);
    NEED(read(s[0], buffer, 1) == 1);
    show_ready("received one", 0);
    NEED(write(s[1], "d", 1) == 1);
    show_ready("sent more", 0);
    NEED(!shutdown(s[1], SHUT_WR));
    show_ready("half closed", 0);
    show_ready("again", 0);
    close(s[1]);
    show_ready("closed", 0);
    show_ready("again", 0);
    close(s[0]);
    NEED(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s));
    TRY(set(EPOLL_CTL_ADD, s[0], EPOLLIN | EPOLLET, 2));
    NEED(write(s[1], "a", 1) == 1 && write(s[1], "b", 1) == 1);
    show_ready("two messages", 0);
    NEED(read(s[0], buffer, 10) == 1);
    show_ready("one received", 0);
    NEED(write(s[1], "c", 1) == 1);
    show_ready("one more", 0);
    close(s[0]);
    close(s[1]);
    close(ep);
}

static void connect_over(const struct sockaddr *address, socklen_t size, int s[2])
{
    int listener = socket(address->sa_family, SOCK_STREAM, 0);
    struct sockaddr_storage bound;
    NEED(!bind(listener, address, size) && !listen(listener, 1));
    size = sizeof(bound);
    NEED(!getsockname(listener, (struct sockaddr *)&bound, &size));
    s[0] = socket(address->sa_family, SOCK_STREAM, 0);
    NEED(!connect(s[0], (struct sockaddr *)&bound, size) && (s[1] = accept(listener, NULL, NULL)) >= 0);
    close(listener);
}

// What stands comes along with what is new.
static void connection(void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s[2];
    ep = epoll_create1(0);
    connect_over((const struct sockaddr *)&address, sizeof(address), s);
    TRY(set(EPOLL_CTL_ADD, s[0], EPOLLIN | EPOLLOUT | EPOLLET, 1));
    show_ready("new", 60000);
    show_ready("again", 0);
    NEED(write(s[1], "abc", 3) == 3);
    show_ready("sent", 60000);
    show_ready("not received", 20);
    NEED(read(s[0], buffer, 1) == 1);
    show_ready("received one of three", 20);
    NEED(write(s[1], "d", 1) == 1);
    show_ready("sent more", 60000);
    TRY(set(EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLET | EPOLLONESHOT, 2));
    show_ready("once", 60000);
    NEED(write(s[1], "e", 1) == 1);
    show_ready("no more", 20);
    TRY(set(EPOLL_CTL_MOD, s[0], EPOLLIN, 3));
    show_ready("by level", 60000);
    show_ready("by level", 60000);
    TRY(set(EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLRDHUP | EPOLLET, 4));
    show_ready("by edge", 60000);
    NEED(!shutdown(s[1], SHUT_WR));
    show_ready("half closed", 60000);
    show_ready("again", 20);
    TRY(set(EPOLL_CTL_DEL, s[0], 0, 0));
    show_ready("taken out", 0);
    TRY(set(EPOLL_CTL_ADD, s[0], EPOLLIN | EPOLLET, 5));
    int other = dup(s[0]);
    TRY(set(EPOLL_CTL_ADD, other, EPOLLIN, 6));
    struct epoll_event both[4];
    TRY(epoll_wait(ep, both, 4, 60000));
    TRY(set(EPOLL_CTL_MOD, other, EPOLLIN | EPOLLET, 7));
    while (epoll_wait(ep, both, 4, 20) > 0) // at most once more of each
        ;
    TRY(set(EPOLL_CTL_DEL, s[0], 0, 0));
    TRY(set(EPOLL_CTL_MOD, other, EPOLLIN | EPOLLET, 8));
    show_ready("the other one", 60000);
    show_ready("again", 20);
    close(other);
    close(s[0]);
    show_ready("closed", 0);
    close(s[1]);
    close(ep);
}

static sem_t turn;

static void *send_late(void *fd)
{
    for (int i = 0; i < 3; i++) {
        while (sem_wait(&turn))
            ;
        until_sleeps(getpid());
        NEED(write(*(int *)fd, "x", 1) == 1);
    }
    return NULL;
}

// Who sleeps hears of what comes to what nobody has received; an epoll around this one does, too.
static void waiting(void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s[2], inner = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u32 = 1}, got[2];
    pthread_t t;
    connect_over((const struct sockaddr *)&address, sizeof(address), s);
    ep = epoll_create1(0);
    NEED(!epoll_ctl(inner, EPOLL_CTL_ADD, s[0], &e) && !set(EPOLL_CTL_ADD, inner, EPOLLIN, 2));
    NEED(!sem_init(&turn, 0, 0) && !pthread_create(&t, NULL, send_late, &s[1]));
    for (int i = 0; i < 3; i++) {
        NEED(!sem_post(&turn));
        show_ready("outer", 60000);
        TRY(epoll_wait(inner, got, 2, 0));
        TRY(epoll_wait(inner, got, 2, 0));
    }
    pthread_join(t, NULL);
    show_ready("outer", 0);
    close(s[0]);
    close(s[1]);
    close(inner);
    close(ep);
}

static void many(void)
{
    enum { MANY = 5000 };
    static struct epoll_event events[MANY];
    struct rlimit limit;
    ep = epoll_create1(0);
    NEED(!getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    NEED(!setrlimit(RLIMIT_NOFILE, &limit));
    int e = eventfd(1, 0), fds[MANY];
    for (int i = 0; i < MANY; i++)
        NEED((fds[i] = dup(e)) >= 0 && !set(EPOLL_CTL_ADD, fds[i], EPOLLIN, (uint64_t)i));
    TRY(epoll_wait(ep, events, MANY, 0));
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    close(e);
    close(ep);
}

static void turns(void)
{
    ep = epoll_create1(0);
    int fd[3], seen[3] = {0};
    for (int i = 0; i < 3; i++) {
        fd[i] = eventfd(1, 0);
        NEED(!set(EPOLL_CTL_ADD, fd[i], EPOLLIN, (uint64_t)i));
    }
    for (int i = 0; i < 9; i++) {
        struct epoll_event e;
        NEED(epoll_wait(ep, &e, 1, 0) == 1);
        seen[e.data.u64]++;
    }
    printf("turns %d %d %d\n", seen[0], seen[1], seen[2]);
    TRY(set(EPOLL_CTL_MOD, fd[0], EPOLLIN | EPOLLEXCLUSIVE, 1));
    TRY(set(EPOLL_CTL_DEL, fd[0], 0, 0));
    TRY(set(EPOLL_CTL_ADD, fd[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1));
    TRY(set(EPOLL_CTL_ADD, fd[0], EPOLLIN | EPOLLEXCLUSIVE, 1));
    TRY(set(EPOLL_CTL_MOD, fd[0], EPOLLIN, 1));
    close(ep);
}

static void nested(void)
{
    int a = epoll_create1(0), b = epoll_create1(0), c = epoll_create1(0), e = eventfd(0, EFD_NONBLOCK);
    ep = a;
    TRY(set(EPOLL_CTL_ADD, a, EPOLLIN, 0));
    TRY(set(EPOLL_CTL_ADD, b, EPOLLIN, 1));
    ep = b;
    TRY(set(EPOLL_CTL_ADD, a, EPOLLIN, 1));
    TRY(set(EPOLL_CTL_ADD, c, EPOLLIN, 1));
    ep = c;
    TRY(set(EPOLL_CTL_ADD, a, EPOLLIN, 1));
    TRY(set(EPOLL_CTL_ADD, b, EPOLLIN, 1));
    TRY(set(EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 2));
    ep = a;
    show_ready("nothing", 0);
    NEED(write(e, &(uint64_t){1}, 8) == 8);
    show_ready("outermost", 0);
    show_ready("outermost again", 0);
    ep = c;
    show_ready("innermost", 0);
    ep = a;
    show_ready("outermost after that", 0);
    close(a);
    close(b);
    // a chain, built from the inside and from the outside
    int chain[10], from_inside = 0, from_outside = 0;
    for (int i = 0; i < 10; i++)
        chain[i] = epoll_create1(0);
    for (ep = chain[1]; from_inside < 9 && !set(EPOLL_CTL_ADD, chain[from_inside], EPOLLIN, 0); ep = chain[from_inside + 1])
        from_inside++;
    show_error("chain from the inside ends", errno);
    for (int i = 0; i < 10; i++)
        close(chain[i]), chain[i] = epoll_create1(0);
    for (ep = chain[0]; from_outside < 9 && !set(EPOLL_CTL_ADD, chain[from_outside + 1], EPOLLIN, 0); ep = chain[from_outside])
        from_outside++;
    show_error("chain from the outside ends", errno);
    printf("chains %d %d\n", from_inside, from_outside);
}

// Edges under load: what is written is all read by threads that read until there is nothing.
enum { WRITES = 20000 };
static int source[2];
static long received;

static void *writes(void *unused)
{
    for (int i = 0; i < WRITES; i++) {
        while (write(source[1], "x", 1) != 1)
            sched_yield();
        if (i % 50 == 0)
            usleep(10);
    }
    return NULL;
}

static void *reads(void *unused)
{
    while (__atomic_load_n(&received, __ATOMIC_SEQ_CST) < WRITES) {
        struct epoll_event e;
        int n = epoll_wait(ep, &e, 1, 60000);
        NEED(n == 1 || __atomic_load_n(&received, __ATOMIC_SEQ_CST) == WRITES);
        char c[64];
        ssize_t got;
        while ((got = read(source[0], c, sizeof(c))) > 0)
            __atomic_fetch_add(&received, got, __ATOMIC_SEQ_CST);
        NEED(errno == EAGAIN || !got);
    }
    return NULL;
}

static void storm(void)
{
    pthread_t t[2];
    ep = epoll_create1(0);
    NEED(!pipe2(source, O_NONBLOCK) && !set(EPOLL_CTL_ADD, source[0], EPOLLIN | EPOLLET, 0));
    NEED(!pthread_create(&t[0], NULL, reads, NULL) && !pthread_create(&t[1], NULL, writes, NULL));
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("received %ld\n", received);
}

int main(int argc, char **argv)
{
    begin(argv);
    pipes();
    counters();
    sockets();
    connection();
    waiting();
    many();
    turns();
    nested();
    storm();
    return 0;
}
