// SPDX-License-Identifier: MIT
//
// A stop takes all threads: those that compute, those that wait in the kernel, those that come and go. What was asleep sleeps on.
#include "conform.h"
#include <pthread.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <semaphore.h>
#include <time.h>

struct shared {
    volatile unsigned long count[3];
    volatile int results[8];
    sem_t go;
};
static struct shared *s;
static int pipe_fd[2];

static void *compute(void *which)
{
    for (;;)
        s->count[(long)which]++;
    return NULL;
}

static void *nothing(void *unused)
{
    return NULL;
}

static void *come_and_go(void *unused)
{
    for (;;) {
        pthread_t t;
        if (!pthread_create(&t, NULL, nothing, NULL))
            pthread_join(t, NULL);
        s->count[2]++;
    }
    return NULL;
}

static void *reader(void *unused)
{
    char c;
    s->results[0] = read(pipe_fd[0], &c, 1) == 1 ? c : errno;
    return NULL;
}

static void *sleeper(void *unused)
{
    struct timespec t = {0, 600000000};
    s->results[1] = nanosleep(&t, NULL) ? errno : 1;
    return NULL;
}

static void *poller(void *unused)
{
    struct pollfd p = {.fd = pipe_fd[0], .events = POLLPRI};
    s->results[2] = poll(&p, 1, 600) == -1 ? errno : 1;
    return NULL;
}

static void *waiter(void *unused)
{
    s->results[3] = sem_wait(&s->go) ? errno : 1;
    return NULL;
}

static void *epoller(void *unused)
{
    struct epoll_event e;
    int fd = epoll_create1(0);
    s->results[4] = epoll_wait(fd, &e, 1, 60000) == -1 ? errno : 1;
    return NULL;
}

static void child(void)
{
    pthread_t t[8];
    pthread_create(&t[5], NULL, compute, (void *)0);
    pthread_create(&t[6], NULL, compute, (void *)1);
    pthread_create(&t[7], NULL, come_and_go, NULL);
    void *(*const sleepers[])(void *) = {reader, sleeper, poller, waiter, epoller};
    for (int i = 0; i < 5; i++)
        pthread_create(&t[i], NULL, sleepers[i], NULL);
    for (int i = 0; i < 5; i++)
        pthread_join(t[i], NULL);
    _exit(5);
}

static bool stands_still(void)
{
    unsigned long before = s->count[0] + s->count[1] + s->count[2];
    usleep(30000);
    return before == s->count[0] + s->count[1] + s->count[2];
}

int main(int argc, char **argv)
{
    begin(argv);
    int status;
    s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(&s->go, 1, 0);
    pipe(pipe_fd);
    pid_t p = fork();
    if (!p)
        child();
    while (!s->count[0] || !s->count[1] || !s->count[2])
        usleep(1000);
    usleep(200000);
    for (int round = 0; round < 3; round++) {
        TRY(kill(p, SIGSTOP));
        IS(waitpid(p, &status, WUNTRACED) == p);
        printf("status %x\n", status);
        IS(stands_still());
        TRY(kill(p, SIGCONT));
        IS(waitpid(p, &status, WCONTINUED) == p);
        printf("status %x\n", status);
        while (stands_still())
            ;
    }
    TRY(kill(p, SIGSTOP));
    IS(waitpid(p, &status, WUNTRACED) == p);
    TRY(write(pipe_fd[1], "x", 1)); // while it is stopped
    TRY(sem_post(&s->go));
    usleep(20000);
    IS(s->results[0] == 0 && s->results[3] == 0);
    TRY(kill(p, SIGCONT));
    IS(waitpid(p, &status, 0) == p);
    printf("status %x, read %d, nanosleep %d, poll %d, sem_wait %d, epoll_wait %s\n", status, s->results[0], s->results[1], s->results[2],
           s->results[3], errno_name(s->results[4]));
    return 0;
}
