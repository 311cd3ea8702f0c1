// SPDX-License-Identifier: MIT
//
// Mutexes of every kind, conditions, read-write locks, barriers, spin locks, once.
#include "conform.h"
#include <pthread.h>
#include <time.h>

enum { THREADS = 4, ROUNDS = 20000 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static long under_mutex, under_rwlock, under_spin, torn, serial, pair[2];
static int onces;

static void one_time(void)
{
    onces++;
    usleep(10000);
}

static void *work(void *arg)
{
    pthread_once(&once, one_time);
    NEED(onces == 1);
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        under_mutex++;
        pthread_mutex_unlock(&mutex);
        if (i % 8 == 0) {
            pthread_rwlock_wrlock(&rwlock);
            under_rwlock++;
            pair[0]++, pair[1]++;
            pthread_rwlock_unlock(&rwlock);
        } else {
            pthread_rwlock_rdlock(&rwlock);
            torn += pair[0] != pair[1];
            pthread_rwlock_unlock(&rwlock);
        }
        if (i % 100 == 0) {
            pthread_spin_lock(&spin);
            under_spin++;
            pthread_spin_unlock(&spin);
        }
    }
    for (int i = 0; i < 100; i++)
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void kinds(void)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t m;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&m, &attr);
    RETURNS(pthread_mutex_lock(&m));
    RETURNS(pthread_mutex_lock(&m));
    RETURNS(pthread_mutex_unlock(&m));
    RETURNS(pthread_mutex_unlock(&m));
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m, &attr);
    RETURNS(pthread_mutex_lock(&m));
    RETURNS(pthread_mutex_trylock(&m));
    RETURNS(pthread_mutex_unlock(&m));
    RETURNS(pthread_mutex_unlock(&m));
    pthread_mutex_lock(&mutex);
    RETURNS(pthread_mutex_trylock(&mutex));
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    RETURNS(pthread_mutex_timedlock(&mutex, &until));
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    until.tv_nsec = (until.tv_nsec + 20000000) % 1000000000;
    RETURNS(pthread_cond_timedwait(&cond, &mutex, &until));
    pthread_mutex_unlock(&mutex);
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_t t[THREADS];
    pthread_spin_init(&spin, 0);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        NEED(!pthread_create(&t[i], NULL, work, NULL));
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("%ld %ld %ld, torn %ld, serial %ld, onces %d\n", under_mutex, under_rwlock, under_spin, torn, serial, onces);
    kinds();
    return 0;
}
