// SPDX-License-Identifier: MIT
//
// More threads than an enclave has: EAGAIN, and afterwards as many again.
#include "conform.h"
#include <pthread.h>
#include <semaphore.h>

enum { MOST = 1100 };
static pthread_t threads[MOST];
static sem_t go;

static void *waits(void *unused)
{
    while (sem_wait(&go))
        ;
    return NULL;
}

static int start_all(pthread_attr_t *attr)
{
    int n = 0, r = 0;
    while (n < MOST && !(r = pthread_create(&threads[n], attr, waits, NULL)))
        n++;
    show_error("the last", r);
    return n;
}

static void end_all(int n)
{
    for (int i = 0; i < n; i++)
        sem_post(&go);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_attr_t attr;
    NEED(!sem_init(&go, 0, 0) && !pthread_attr_init(&attr) && !pthread_attr_setstacksize(&attr, 32768));
    int first = start_all(&attr);
    pid_t pid = fork();
    if (!pid)
        _exit(0);
    IS(pid == -1 && errno == EAGAIN);
    end_all(first);
    int second = start_all(&attr);
    end_all(second);
    IS(first > 900 && first < MOST);
    IS(second == first);
    return 0;
}
