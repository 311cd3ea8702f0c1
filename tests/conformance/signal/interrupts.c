// SPDX-License-Identifier: MIT
//
// What a signal does to a blocked system call: EINTR, or restart with SA_RESTART; and never to nanosleep's rest.
#include "asleep.h"
#include "conform.h"
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <time.h>

static pthread_t first;
static int pipes[2];
static volatile sig_atomic_t handled;

static void handler(int sig)
{
    handled++;
}

static void *sender(void *unused)
{
    until_sleeps(getpid());
    pthread_kill(first, SIGUSR1);
    while (!handled)
        usleep(1000);
    usleep(10000);
    NEED(write(pipes[1], "x", 1) == 1);
    return NULL;
}

static void begin_sending(pthread_t *t)
{
    handled = 0;
    NEED(!pthread_create(t, NULL, sender, NULL));
}

static void end(pthread_t t, bool eat)
{
    NEED(!pthread_join(t, NULL));
    char c;
    if (eat)
        NEED(read(pipes[0], &c, 1) == 1);
    printf("  handled %d\n", handled);
}

static void set(int flags)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = flags};
    NEED(!sigaction(SIGUSR1, &act, NULL));
    printf("%s\n", flags ? "SA_RESTART" : "no SA_RESTART");
}

int main(int argc, char **argv)
{
    begin(argv);
    first = pthread_self();
    NEED(!pipe(pipes));
    char c;
    pthread_t t;
    struct pollfd p = {.fd = pipes[0], .events = POLLIN};
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    NEED(!epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[0], &event));
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        set(flags);
        begin_sending(&t);
        TRY(read(pipes[0], &c, 1));
        end(t, !flags);
        begin_sending(&t);
        TRY(poll(&p, 1, 60000)); // never restarted
        end(t, true);
        begin_sending(&t);
        TRY(epoll_wait(epoll, &event, 1, 60000));
        end(t, true);
        begin_sending(&t);
        struct timespec rest = {0};
        TRY(nanosleep(&(struct timespec){100, 0}, &rest));
        IS(rest.tv_sec >= 50 && rest.tv_sec < 100);
        end(t, true);
        begin_sending(&t);
        RETURNS(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){100, 0}, &rest));
        end(t, true);
        begin_sending(&t);
        TRY(pause());
        end(t, true);
        sem_t sem;
        sem_init(&sem, 0, 0);
        begin_sending(&t);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 100;
        TRY(sem_timedwait(&sem, &until));
        end(t, true);
    }
    return 0;
}
