// SPDX-License-Identifier: MIT
//
// timerfd: blocking and not, periods, absolute times, poll, epoll, inheritance.
#include "conform.h"
#include <sys/time.h>
#include <signal.h>
#include <stdatomic.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

static int set(int fd, int flags, long value_us, long interval_us)
{
    const struct itimerspec v = {.it_value = {value_us / 1000000, value_us % 1000000 * 1000},
                                 .it_interval = {interval_us / 1000000, interval_us % 1000000 * 1000}};
    return timerfd_settime(fd, flags, &v, NULL);
}

static void errors(void)
{
    struct itimerspec v = {0};
    uint64_t n;
    TRY(timerfd_create(77, 0));
    TRY(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    TRY(timerfd_create(CLOCK_MONOTONIC, 77));
    TRY(timerfd_settime(0, 0, &v, NULL));
    TRY(timerfd_settime(77, 0, &v, NULL));
    TRY(timerfd_gettime(77, &v));
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    NEED(fd >= 0);
    TRY(fcntl(fd, F_GETFD));
    IS(fcntl(fd, F_GETFL) & O_NONBLOCK);
    TRY(timerfd_settime(fd, 77, &v, NULL));
    v.it_value.tv_nsec = 1000000000;
    TRY(timerfd_settime(fd, 0, &v, NULL));
    TRY(read(fd, &n, sizeof(n)));
    TRY(read(fd, &n, 4));
    TRY(write(fd, &n, sizeof(n)));
    close(fd);
}

static void once(int clock)
{
    uint64_t n = 0;
    struct itimerspec v;
    int fd = timerfd_create(clock, 0);
    NEED(fd >= 0);
    TRY(set(fd, 0, 100000000, 0));
    TRY(timerfd_gettime(fd, &v));
    IS(v.it_value.tv_sec >= 50 && v.it_value.tv_sec <= 100);
    TRY(set(fd, 0, 20000, 0));
    TRY(read(fd, &n, sizeof(n)));
    IS(n == 1);
    TRY(timerfd_gettime(fd, &v));
    IS(!v.it_value.tv_sec && !v.it_value.tv_nsec);
    TRY(set(fd, TFD_TIMER_ABSTIME, 1, 0)); // long ago
    TRY(read(fd, &n, sizeof(n)));
    IS(n == 1);
    struct timespec now;
    clock_gettime(clock, &now);
    TRY(set(fd, TFD_TIMER_ABSTIME, (now.tv_sec + 100) * 1000000, 0));
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    TRY(poll(&p, 1, 0));
    TRY(set(fd, TFD_TIMER_ABSTIME, now.tv_sec * 1000000 + now.tv_nsec / 1000 + 20000, 0));
    TRY(poll(&p, 1, 60000));
    IS(p.revents == POLLIN);
    TRY(set(fd, 0, 0, 0)); // takes the expiry with it
    TRY(poll(&p, 1, 0));
    close(fd);
}

static void periods(void)
{
    uint64_t n = 0;
    struct itimerspec old;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    TRY(set(fd, 0, 5000, 5000));
    usleep(62000);
    TRY(read(fd, &n, sizeof(n)));
    clock_gettime(CLOCK_MONOTONIC, &end);
    IS(n >= 12 && (int64_t)n <= ((end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec) / 5000000);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    TRY(poll(&p, 1, 60000));
    TRY(read(fd, &n, sizeof(n)));
    IS(n >= 1);
    const struct itimerspec off = {0};
    TRY(timerfd_settime(fd, 0, &off, &old));
    IS(old.it_interval.tv_nsec == 5000000 && old.it_value.tv_nsec <= 5000000);
    usleep(10000);
    TRY(read(fd, &n, sizeof(n)));
    close(fd);
}

static void with_epoll(void)
{
    uint64_t n;
    int ep = epoll_create1(0), a = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int b = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = 1}, got[4];
    NEED(!epoll_ctl(ep, EPOLL_CTL_ADD, a, &e));
    e.data.u32 = 2;
    NEED(!epoll_ctl(ep, EPOLL_CTL_ADD, b, &e));
    TRY(set(a, 0, 100000000, 0));
    TRY(set(b, 0, 10000, 0));
    TRY(epoll_wait(ep, got, 4, 60000));
    IS(got[0].data.u32 == 2);
    TRY(read(b, &n, sizeof(n)));
    TRY(set(a, 0, 10000, 0));
    TRY(epoll_wait(ep, got, 4, 60000));
    IS(got[0].data.u32 == 1);
    close(a);
    TRY(epoll_wait(ep, got, 4, 0));
    close(b);
    close(ep);
}

static void many(void)
{
    enum { COUNT = 200 };
    int fds[COUNT], order = 1;
    for (int i = 0; i < COUNT; i++) {
        fds[i] = timerfd_create(CLOCK_MONOTONIC, 0);
        NEED(fds[i] >= 0);
        NEED(!set(fds[i], 0, 1000 + (i * 7919 % COUNT) * 200, 0));
    }
    for (int i = 0; i < COUNT; i += 3) // some are taken back
        NEED(!set(fds[i], 0, 0, 0));
    for (int i = 0; i < COUNT; i++) {
        uint64_t n = 0;
        if (i % 3 && (read(fds[i], &n, sizeof(n)) != sizeof(n) || n != 1))
            order = 0;
    }
    IS(order);
    for (int i = 0; i < COUNT; i++)
        close(fds[i]);
}

static void inherited(void)
{
    uint64_t n = 0;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    set(fd, 0, 10000, 0);
    pid_t child = fork();
    if (!child)
        _exit(read(fd, &n, sizeof(n)) == sizeof(n) && n == 1 ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
    close(fd);
}

static atomic_bool idle;

static void *busy(void *unused)
{
    while (!idle)
        ;
    return NULL;
}

// Signals are pending when a sleep beyond their time is over.
static void signals(void)
{
    int missed = 0;
    for (int i = 0; i < 100; i++) {
        const struct itimerval soon = {.it_value = {0, 900}}, never = {0};
        const struct timespec a_moment = {0, 1000000}, none = {0, 0};
        sigset_t pending;
        NEED(!setitimer(ITIMER_REAL, &soon, NULL));
        nanosleep(&a_moment, NULL);
        sigpending(&pending);
        missed += !sigismember(&pending, SIGALRM);
        NEED(!setitimer(ITIMER_REAL, &never, NULL));
        sigtimedwait(&pending, NULL, &none);
    }
    printf("missed %d signals\n", missed);
}

// What is due is there, however busy the processors are: asked many times, as each is a chance to see it missing.
static void due(void)
{
    enum { BUSY = 8 };
    pthread_t threads[BUSY];
    int missed = 0;
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    NEED(!sigprocmask(SIG_BLOCK, &alarm, NULL)); // for all threads
    for (int i = 0; i < BUSY; i++)
        NEED(!pthread_create(&threads[i], NULL, busy, NULL));
    for (int i = 0; i < 100; i++) {
        uint64_t n;
        struct timespec a_moment = {0, 1000000};
        int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        struct pollfd p = {fd, POLLIN, 0};
        set(fd, 0, 900, 0);
        nanosleep(&a_moment, NULL);
        missed += poll(&p, 1, 0) != 1 || read(fd, &n, sizeof(n)) != sizeof(n);
        close(fd);
    }
    printf("missed %d\n", missed);
    signals();
    idle = true;
    for (int i = 0; i < BUSY; i++)
        pthread_join(threads[i], NULL);
}

#define SET_TICKS _IOW('T', 0, uint64_t)

static void set_ticks(void)
{
    uint64_t n = 4;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct pollfd p = {fd, POLLIN, 0};
    TRY(read(fd, &n, 0));
    TRY(ioctl(fd, SET_TICKS, &n));
    TRY(poll(&p, 1, 0));
    n = 0;
    TRY(read(fd, &n, sizeof(n)));
    printf("%lu\n", (unsigned long)n);
    TRY(read(fd, &n, sizeof(n)));
    n = 0;
    TRY(ioctl(fd, SET_TICKS, &n));
    TRY(ioctl(fd, SET_TICKS, (void *)8));
    TRY(ioctl(fd, SET_TICKS + 1, &n));
    close(fd);
}

int main(int argc, char **argv)
{
    begin(argv);
    errors();
    once(CLOCK_MONOTONIC);
    once(CLOCK_REALTIME);
    once(CLOCK_BOOTTIME);
    periods();
    with_epoll();
    many();
    inherited();
    set_ticks();
    due();
    return 0;
}
