// SPDX-License-Identifier: MIT
//
// Signals and threads: to one, to the process, masks of each, delivered to one that does not block.
#include "conform.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>

static __thread int me;
static volatile int got[4];
static pid_t blocker; // the thread that blocks everything
static sem_t ready;

static void handler(int sig)
{
    got[me]++;
}

static void *sleeping(void *number)
{
    me = (int)(long)number;
    sem_post(&ready);
    for (;;)
        usleep(1000);
}

static void *spinning(void *number)
{
    me = (int)(long)number;
    sem_post(&ready);
    for (volatile long i = 0;; i++)
        ;
}

static void *blocking(void *number)
{
    me = (int)(long)number;
    sigset_t set;
    sigfillset(&set);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    blocker = (pid_t)syscall(SYS_gettid);
    sem_post(&ready);
    for (;;)
        usleep(1000);
}

static void wait_for(int who, int count)
{
    for (int i = 0; i < 60000 && got[who] < count; i++)
        usleep(1000);
}

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGUSR1, handler);
    sem_init(&ready, 0, 0);
    pthread_t t[4];
    NEED(!pthread_create(&t[1], NULL, sleeping, (void *)1));
    NEED(!pthread_create(&t[2], NULL, spinning, (void *)2));
    NEED(!pthread_create(&t[3], NULL, blocking, (void *)3));
    for (int i = 0; i < 3; i++)
        sem_wait(&ready);
    for (int i = 1; i <= 20; i++) {
        RETURNS(pthread_kill(t[1], SIGUSR1));
        wait_for(1, i);
        pthread_kill(t[2], SIGUSR1);
        wait_for(2, i);
    }
    pthread_kill(t[3], SIGUSR1);
    usleep(20000);
    printf("%d %d %d %d\n", got[0], got[1], got[2], got[3]);
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigpending(&pending);
    IS(!sigismember(&pending, SIGUSR1)); // the other thread's is its own
    kill(getpid(), SIGUSR1);             // to whoever does not block it
    for (int i = 0; i < 60000 && got[1] + got[2] < 41; i++)
        usleep(1000);
    printf("%d of the others, %d here\n", got[1] + got[2] - 40, got[0]);
    TRY(kill(blocker, 0));
    TRY(kill(blocker, SIGUSR1)); // the number of a thread is its process's here: to whoever does not block it
    for (int i = 0; i < 60000 && got[1] + got[2] < 42; i++)
        usleep(1000);
    printf("%d of the others, %d of the one that blocks\n", got[1] + got[2] - 40, got[3]);
    return 3;
}
