// SPDX-License-Identifier: MIT
//
// A signal of the process comes while the first thread ends, which blocks it no more than another thread does: that one takes it.
#include "start.h"

#include <sys/wait.h>

enum { ROUNDS = 3000, STEPS = 50, STEP = 5 };

static int there; // atomic: threads that are

static void handler(int sig)
{
    _exit(0);
}

static void *stay(void *p)
{
    sigset_t set;
    sigemptyset(&set);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    __atomic_add_fetch(&there, 1, __ATOMIC_SEQ_CST);
    for (;;)
        pause();
    return NULL;
}

static void *send(void *p)
{
    __atomic_add_fetch(&there, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&there, __ATOMIC_SEQ_CST) < 3)
        sched_yield();
    kill(getpid(), SIGUSR1);
    return NULL;
}

static void child(unsigned wait)
{
    sigset_t set;
    alarm(3); // for who waits for ever
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL); // the sender's too
    start(stay, NULL);
    start(send, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    while (__atomic_load_n(&there, __ATOMIC_SEQ_CST) < 2)
        sched_yield();
    __atomic_add_fetch(&there, 1, __ATOMIC_SEQ_CST);
    for (volatile unsigned i = 0; i < wait; i++)
        ;
    syscall(SYS_exit, 0);
}

int main(int argc, char **argv)
{
    begin(argv);
    const struct sigaction act = {.sa_handler = handler};
    sigaction(SIGUSR1, &act, NULL);
    unsigned lost = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        int status;
        pid_t pid = fork();
        if (!pid)
            child(i % STEPS * STEP);
        NEED(waitpid(pid, &status, 0) == pid);
        lost += status != 0;
    }
    printf("lost: %u\n", lost);
    return 0;
}
