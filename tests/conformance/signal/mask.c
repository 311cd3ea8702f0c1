// SPDX-License-Identifier: MIT
//
// Blocking, pending, delivery after unblocking, order.
#include "conform.h"

static void handler(int sig, siginfo_t *info, void *context)
{
    printf("signal %d value %d\n", sig >= SIGRTMIN ? sig - SIGRTMIN + 1000 : sig,
           info->si_code == SI_QUEUE ? info->si_value.sival_int : -1);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigfillset(&act.sa_mask);
    sigset_t set, old, pending;
    sigemptyset(&set);
    int all[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGRTMIN + 1, SIGRTMIN + 2};
    for (int i = 0; i < 5; i++) {
        sigaction(all[i], &act, NULL);
        sigaddset(&set, all[i]);
    }
    TRY(sigprocmask(SIG_BLOCK, &set, &old));
    IS(!sigismember(&old, SIGUSR1));
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1); // once
    for (int i = 0; i < 3; i++) {
        TRY(sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = 20 + i}));
        TRY(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 10 + i}));
    }
    TRY(sigqueue(getpid(), SIGHUP, (union sigval){.sival_int = 1}));
    TRY(sigqueue(getpid(), SIGHUP, (union sigval){.sival_int = 2})); // the first stays
    sigpending(&pending);
    IS(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGRTMIN + 1) && !sigismember(&pending, SIGTERM));
    TRY(sigprocmask(SIG_UNBLOCK, &set, NULL));
    sigpending(&pending);
    IS(!sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGRTMIN + 1));
    sigfillset(&set);
    TRY(sigprocmask(SIG_SETMASK, &set, NULL));
    sigprocmask(SIG_BLOCK, NULL, &old);
    IS(!sigismember(&old, SIGKILL) && !sigismember(&old, SIGSTOP) && sigismember(&old, SIGTERM));
    TRY(sigprocmask(99, &set, NULL));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 4));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8));
    TRY(syscall(SYS_rt_sigpending, &set, 16));
    // What is ignored is forgotten at once, pending or not.
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    sigpending(&pending);
    IS(!sigismember(&pending, SIGUSR1));
    return 0;
}
