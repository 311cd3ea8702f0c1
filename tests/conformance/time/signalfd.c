// SPDX-License-Identifier: MIT
//
// signalfd: what it tells of signals of several origins, poll, epoll, changing its set, other threads and children.
#include "conform.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

static sigset_t set_of(int a, int b)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, a);
    if (b)
        sigaddset(&s, b);
    return s;
}

static void errors(void)
{
    sigset_t s = set_of(SIGUSR1, 0);
    struct signalfd_siginfo i;
    TRY(syscall(SYS_signalfd4, -1, &s, 4, 0));
    TRY(syscall(SYS_signalfd4, -1, &s, 8, 77));
    TRY(syscall(SYS_signalfd4, -1, (void *)8, 8, 0));
    TRY(syscall(SYS_signalfd4, 0, &s, 8, 0));
    TRY(syscall(SYS_signalfd4, 77, &s, 8, 0));
    int fd = signalfd(-1, &s, SFD_NONBLOCK | SFD_CLOEXEC);
    NEED(fd >= 0);
    TRY(fcntl(fd, F_GETFD));
    TRY(read(fd, &i, sizeof(i)));
    TRY(read(fd, &i, sizeof(i) - 1));
    close(fd);
}

static void show(const struct signalfd_siginfo *i)
{
    printf("signal %u code %d int %d pid %s uid %s\n", i->ssi_signo, i->ssi_code, i->ssi_int,
           i->ssi_pid == (uint32_t)getpid() ? "own" : "other", i->ssi_uid == getuid() ? "own" : "other");
}

static void *sender(void *argument)
{
    usleep(20000);
    kill(getpid(), SIGUSR2);
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    errors();
    struct signalfd_siginfo i[4];
    sigset_t s = set_of(SIGUSR1, SIGUSR2);
    sigaddset(&s, SIGCHLD);
    sigaddset(&s, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &s, NULL);
    sigset_t first = set_of(SIGUSR1, SIGRTMIN);
    int fd = signalfd(-1, &first, 0);
    NEED(fd >= 0);
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    TRY(poll(&p, 1, 0));
    raise(SIGUSR1);
    kill(getpid(), SIGUSR2); // not in the set
    TRY(poll(&p, 1, 0));
    IS(p.revents == POLLIN);
    TRY(read(fd, i, sizeof(i)));
    show(&i[0]);
    TRY(poll(&p, 1, 0));
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 8});
    kill(getpid(), SIGUSR1);
    TRY(read(fd, i, sizeof(i)) / (long)sizeof(i[0]));
    show(&i[0]);
    show(&i[1]);
    show(&i[2]);
    // Another set for the same descriptor: what is pending counts.
    sigset_t second = set_of(SIGUSR2, SIGCHLD);
    IS(signalfd(fd, &second, 0) == fd);
    TRY(read(fd, i, sizeof(i)) == (long)sizeof(i[0]));
    show(&i[0]);
    // Blocking, woken by another thread and by the end of a child.
    pthread_t t;
    NEED(!pthread_create(&t, NULL, sender, NULL));
    TRY(read(fd, i, sizeof(i)) == (long)sizeof(i[0]));
    show(&i[0]);
    pthread_join(t, NULL);
    pid_t child = fork();
    if (!child) {
        usleep(20000);
        _exit(3);
    }
    int ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN}, got;
    NEED(!epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
    TRY(epoll_wait(ep, &got, 1, 60000));
    TRY(read(fd, i, sizeof(i)) == (long)sizeof(i[0]));
    IS(i[0].ssi_signo == SIGCHLD && i[0].ssi_code == CLD_EXITED);
    IS(i[0].ssi_pid == (uint32_t)child && i[0].ssi_status == 3);
    waitpid(child, NULL, 0);
    TRY(epoll_wait(ep, &got, 1, 0));
    // A timer's signal.
    timer_t timer;
    struct sigevent event = {.sigev_signo = SIGUSR1, .sigev_value.sival_int = 9};
    IS(signalfd(fd, &first, 0) == fd);
    NEED(!timer_create(CLOCK_MONOTONIC, &event, &timer));
    NEED(!timer_settime(timer, 0, &(struct itimerspec){.it_value = {0, 1000000}}, NULL));
    TRY(read(fd, i, sizeof(i)) == (long)sizeof(i[0]));
    IS(i[0].ssi_signo == SIGUSR1 && i[0].ssi_code == SI_TIMER && i[0].ssi_int == 9 && i[0].ssi_overrun == 0);
    return 0;
}
