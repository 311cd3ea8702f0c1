// SPDX-License-Identifier: MIT
//
// Mutexes with PTHREAD_PRIO_INHERIT, of every kind.
#include "conform.h"
#include "thread/start.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static pthread_mutex_t m;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counted;
static int ready, turns;

static void make(pthread_mutex_t *mutex, int type, int robust, int shared)
{
    pthread_mutexattr_t attr;
    int protocol = -1;
    pthread_mutexattr_init(&attr);
    NEED(!pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
    NEED(!pthread_mutexattr_getprotocol(&attr, &protocol) && protocol == PTHREAD_PRIO_INHERIT);
    NEED(!pthread_mutexattr_settype(&attr, type));
    NEED(!pthread_mutexattr_setrobust(&attr, robust));
    NEED(!pthread_mutexattr_setpshared(&attr, shared));
    NEED(!pthread_mutex_init(mutex, &attr));
}

static void *other_tries(void *unused)
{
    struct timespec soon = in_ms(CLOCK_REALTIME, 30);
    RETURNS(pthread_mutex_trylock(&m));
    RETURNS(pthread_mutex_timedlock(&m, &soon));
    return NULL;
}

static void kinds(void)
{
    static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_RECURSIVE};
    for (int i = 0; i < 3; i++) {
        make(&m, types[i], PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
        RETURNS(pthread_mutex_lock(&m));
        RETURNS(pthread_mutex_trylock(&m));
        if (types[i] == PTHREAD_MUTEX_RECURSIVE)
            RETURNS(pthread_mutex_unlock(&m));
        if (types[i] == PTHREAD_MUTEX_ERRORCHECK)
            RETURNS(pthread_mutex_lock(&m));
        pthread_join(start(other_tries, NULL), NULL);
        RETURNS(pthread_mutex_unlock(&m));
        if (types[i] != PTHREAD_MUTEX_NORMAL)
            RETURNS(pthread_mutex_unlock(&m));
        RETURNS(pthread_mutex_destroy(&m));
    }
}

enum { THREADS = 5, ROUNDS = 4000 };

static void *works(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 16 == 5) {
            struct timespec soon = in_ms(CLOCK_REALTIME, 0);
            int r;
            while ((r = pthread_mutex_timedlock(&m, &soon))) {
                NEED(r == ETIMEDOUT);
                soon = in_ms(CLOCK_REALTIME, 1);
            }
        } else {
            NEED(!pthread_mutex_lock(&m));
        }
        counted++;
        if (i % 64 == 0)
            sched_yield();
        NEED(!pthread_mutex_unlock(&m));
    }
    return NULL;
}

static void storm(int type, int robust, int shared)
{
    pthread_t t[THREADS];
    counted = 0;
    make(&m, type, robust, shared);
    for (int i = 0; i < THREADS; i++)
        t[i] = start(works, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("counted %ld\n", counted);
}

static void *ends_with_it(void *unused)
{
    NEED(!pthread_mutex_lock(&m));
    __atomic_store_n(&ready, 1, __ATOMIC_SEQ_CST);
    usleep(30000);
    return NULL;
}

static void *ends_with_it_too(void *unused)
{
    int r = pthread_mutex_lock(&m);
    NEED(!r || r == EOWNERDEAD);
    __atomic_fetch_add(&turns, 1, __ATOMIC_SEQ_CST);
    if (r)
        NEED(!pthread_mutex_consistent(&m));
    return NULL;
}

static void robust(void)
{
    make(&m, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
    for (int waits = 0; waits < 2; waits++) {
        ready = 0;
        pthread_t t = start(ends_with_it, NULL);
        while (!__atomic_load_n(&ready, __ATOMIC_SEQ_CST))
            usleep(1000);
        if (!waits)
            pthread_join(t, NULL);
        RETURNS(pthread_mutex_lock(&m));
        RETURNS(pthread_mutex_consistent(&m));
        RETURNS(pthread_mutex_unlock(&m));
        if (waits)
            pthread_join(t, NULL);
    }
#ifdef __GLIBC__ // musl marks the mutex of a thread that ends by itself, and then two threads can have it
    // a row of owners that end, each with one or more behind it
    pthread_t t[THREADS];
    for (int i = 0; i < THREADS; i++)
        t[i] = start(ends_with_it_too, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("owners %d\n", turns);
#else
    pthread_join(start(ends_with_it_too, NULL), NULL);
#endif
    RETURNS(pthread_mutex_lock(&m));
    RETURNS(pthread_mutex_unlock(&m)); // without making it consistent
    RETURNS(pthread_mutex_lock(&m));
    RETURNS(pthread_mutex_trylock(&m));
}

static void *consumes(void *unused)
{
    pthread_mutex_lock(&m);
    for (int i = 0; i < 500; i++) {
        while (ready != 1)
            pthread_cond_wait(&cond, &m);
        ready = 0;
        turns++;
        pthread_cond_broadcast(&cond);
    }
    pthread_mutex_unlock(&m);
    return NULL;
}

static void conditions(void)
{
    ready = turns = 0;
    make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    pthread_t t = start(consumes, NULL);
    pthread_mutex_lock(&m);
    for (int i = 0; i < 500; i++) {
        while (ready)
            pthread_cond_wait(&cond, &m);
        ready = 1;
        pthread_cond_broadcast(&cond);
    }
    pthread_mutex_unlock(&m);
    pthread_join(t, NULL);
    printf("turns %d\n", turns);
    struct timespec soon = in_ms(CLOCK_REALTIME, 20);
    pthread_mutex_lock(&m);
    RETURNS(pthread_cond_timedwait(&cond, &m, &soon));
    RETURNS(pthread_mutex_unlock(&m));
}

struct shared {
    pthread_mutex_t mutex;
    int counted, held;
};

static void child_works(struct shared *s, bool dies)
{
    for (int i = 0; i < 1000; i++) {
        NEED(!pthread_mutex_lock(&s->mutex));
        s->counted++;
        NEED(!pthread_mutex_unlock(&s->mutex));
    }
    if (dies) {
        NEED(!pthread_mutex_lock(&s->mutex));
        s->held = 1;
        usleep(50000);
        raise(SIGKILL);
    }
    _exit(0);
}

static void processes(void)
{
    struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(s != MAP_FAILED);
    make(&s->mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
    for (int i = 0; i < 3; i++)
        if (!fork())
            child_works(s, false);
    while (wait(NULL) > 0)
        ;
    printf("counted %d\n", s->counted);
    pid_t pid = fork();
    if (!pid)
        child_works(s, true);
    while (!*(volatile int *)&s->held)
        usleep(1000);
    RETURNS(pthread_mutex_lock(&s->mutex));
    RETURNS(pthread_mutex_consistent(&s->mutex));
    RETURNS(pthread_mutex_unlock(&s->mutex));
    NEED(waitpid(pid, NULL, 0) == pid);
    RETURNS(pthread_mutex_lock(&s->mutex));
    RETURNS(pthread_mutex_unlock(&s->mutex));
}

int main(int argc, char **argv)
{
    begin(argv);
    kinds();
    storm(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    storm(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
    robust();
    conditions();
    processes();
    return 0;
}
