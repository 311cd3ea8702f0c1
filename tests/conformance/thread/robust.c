// SPDX-License-Identifier: MIT
//
// Robust mutexes: whose owner ends.
#include "asleep.h"
#include "conform.h"
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t m;
static sem_t locked;

static void *dies(void *unused)
{
    NEED(!pthread_mutex_lock(&m));
    return NULL;
}

static void *dies_later(void *unused)
{
    NEED(!pthread_mutex_lock(&m));
    NEED(!sem_post(&locked));
    until_sleeps(getpid());
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    RETURNS(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
    RETURNS(pthread_mutex_init(&m, &attr));
    pthread_t t;
    NEED(!sem_init(&locked, 0, 0));
    NEED(!pthread_create(&t, NULL, dies, NULL) && !pthread_join(t, NULL));
    RETURNS(pthread_mutex_lock(&m));
    RETURNS(pthread_mutex_consistent(&m));
    RETURNS(pthread_mutex_unlock(&m));
    NEED(!pthread_create(&t, NULL, dies_later, NULL));
    while (sem_wait(&locked))
        ;
    RETURNS(pthread_mutex_lock(&m)); // woken by its death
    RETURNS(pthread_mutex_unlock(&m)); // without making it consistent
    RETURNS(pthread_mutex_lock(&m));
    pthread_join(t, NULL);
    return 0;
}
