// SPDX-License-Identifier: MIT
//
// Races, run often: threads made and joined by many, signals against sleepers, timers against the end of their thread, descriptors
// closed under those that wait for them, a thousand threads at once.
#include "conform.h"
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>

enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 }; // linux/futex.h, which musl-gcc does not find
static pthread_attr_t small;

static void *child(void *p)
{
    __atomic_fetch_add((long *)p, 1, __ATOMIC_RELAXED);
    return p;
}

static void *parent(void *p)
{
    for (int i = 0; i < 250; i++) {
        pthread_t t[2];
        NEED(!pthread_create(&t[0], &small, child, p) && !pthread_create(&t[1], &small, child, p));
        void *result;
        NEED(!pthread_join(t[1], &result) && result == p && !pthread_join(t[0], &result) && result == p);
    }
    return NULL;
}

static void create_and_join(void)
{
    pthread_t t[4];
    long sum = 0;
    for (int i = 0; i < 4; i++)
        NEED(!pthread_create(&t[i], NULL, parent, &sum));
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    printf("made and joined: %ld\n", sum);
}

static uint32_t word;
static long ready, handled;
static bool stop;

static void on_signal(int s)
{
    __atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);
}

static void *sleeper(void *p)
{
    uint32_t seen = __atomic_load_n(&word, __ATOMIC_ACQUIRE);
    __atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
    for (; !__atomic_load_n(&stop, __ATOMIC_ACQUIRE); seen = __atomic_load_n(&word, __ATOMIC_ACQUIRE)) {
        struct timespec limit = {20, 0};
        if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, &limit, NULL, 0) == -1 && errno == ETIMEDOUT)
            printf("a wake was lost\n");
    }
    return NULL;
}

static void signals_against_sleepers(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &act, NULL);
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        NEED(!pthread_create(&t[i], &small, sleeper, NULL));
    while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < 4)
        sched_yield();
    for (int i = 0; i < 3000; i++) {
        pthread_kill(t[i % 4], SIGUSR1);
        __atomic_fetch_add(&word, 1, __ATOMIC_RELEASE);
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1 + i % 3, NULL, NULL, 0);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    __atomic_fetch_add(&word, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    IS(handled > 0 && handled <= 3000);
}

static void *ends_soon(void *p)
{
    struct timespec t = {0, (long)(uintptr_t)p % 7 * 20000};
    nanosleep(&t, NULL);
    return NULL;
}

static void timers_against_ends(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec fast = {{0, 50000}, {0, 50000}}, off = {{0, 0}, {0, 0}};
    timer_t timer;
    NEED(!timer_create(CLOCK_MONOTONIC, &event, &timer) && !timer_settime(timer, 0, &fast, NULL));
    for (int i = 0; i < 300; i++) {
        pthread_t t;
        NEED(!pthread_create(&t, &small, ends_soon, (void *)(uintptr_t)i) && !pthread_join(t, NULL));
    }
    OK(timer_settime(timer, 0, &off, NULL));
    OK(timer_delete(timer));
}

static int pipes[2];

static void *polls(void *p)
{
    struct pollfd f = {pipes[0], POLLIN, 0};
    int r = poll(&f, 1, 20000);
    return (void *)(uintptr_t)(r == 1 && (f.revents & (POLLHUP | POLLNVAL)));
}

static void close_against_poll(void)
{
    long right = 0;
    for (int i = 0; i < 200; i++) {
        pthread_t t;
        void *result;
        NEED(!pipe(pipes) && !pthread_create(&t, &small, polls, NULL));
        if (i % 3)
            sched_yield();
        close(pipes[1]);
        pthread_join(t, &result);
        right += result != NULL;
        close(pipes[0]);
    }
    printf("seen: %ld\n", right);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;
static bool gone;

static void *waits(void *p)
{
    pthread_mutex_lock(&lock);
    ++*(int *)p;
    while (!gone)
        pthread_cond_wait(&go, &lock);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void a_thousand(void)
{
    static pthread_t t[1000];
    int here = 0, made = 0;
    while (made < 1000 && !pthread_create(&t[made], &small, waits, &here))
        made++;
    printf("made: %d\n", made);
    pthread_mutex_lock(&lock);
    gone = true;
    pthread_cond_broadcast(&go);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < made; i++)
        pthread_join(t[i], NULL);
    printf("were there: %d\n", here);
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    create_and_join();
    signals_against_sleepers();
    timers_against_ends();
    close_against_poll();
    a_thousand();
    return 0;
}
