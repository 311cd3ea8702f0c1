// SPDX-License-Identifier: MIT
//
// Two signals of the process come while one thread waits for either and another one blocks neither. Whoever is chosen for both and blocks
// the second when the first is taken must not keep it from the other thread.
#include "start.h"

#include <semaphore.h>

#define ROUNDS 2000

static unsigned taken, sent; // atomic
static sigset_t both;

static void count(int sig)
{
    __atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
}

static void *take_by_handler(void *arg)
{
    pthread_sigmask(SIG_UNBLOCK, &both, NULL);
    sem_t *ready = arg;
    sem_post(ready);
    for (;;)
        pause();
    return NULL;
}

// Takes one and is not there for the next one of this round.
static void *take_by_waiting(void *arg)
{
    sem_t *ready = arg;
    sem_post(ready);
    for (;;) {
        while (sigwaitinfo(&both, NULL) < 0)
            NEED(errno == EINTR); // it was woken for one that the other had by then
        unsigned round_end = __atomic_load_n(&sent, __ATOMIC_SEQ_CST);
        count(0);
        while (__atomic_load_n(&taken, __ATOMIC_SEQ_CST) < round_end)
            sched_yield();
    }
    return NULL;
}

static bool all_taken(unsigned count)
{
    const struct timespec end = in_ms(CLOCK_MONOTONIC, 5000);
    while (__atomic_load_n(&taken, __ATOMIC_SEQ_CST) < count) {
        const struct timespec now = in_ms(CLOCK_MONOTONIC, 0);
        if (now.tv_sec > end.tv_sec)
            return false;
        sched_yield();
    }
    return true;
}

int main(int argc, char **argv)
{
    begin(argv);
    sem_t ready;
    sem_init(&ready, 0, 0);
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    signal(SIGUSR1, count);
    signal(SIGUSR2, count);
    pthread_sigmask(SIG_BLOCK, &both, NULL);
    start(take_by_waiting, &ready);
    start(take_by_handler, &ready);
    sem_wait(&ready);
    sem_wait(&ready);
    unsigned round = 0;
    bool good = true;
    while (good && round < ROUNDS) {
        __atomic_store_n(&sent, 2 * ++round, __ATOMIC_SEQ_CST);
        kill(getpid(), SIGUSR1);
        kill(getpid(), SIGUSR2);
        good = all_taken(2 * round);
    }
    printf("%s\n", good ? "all are taken" : "one was lost");
    return 0;
}
