// SPDX-License-Identifier: MIT
//
// RLIMIT_SIGPENDING: what can be queued, what always has its place.
#include "conform.h"
#include <sys/resource.h>

int main(int argc, char **argv)
{
    begin(argv);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    TRY(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1}));
    struct rlimit none = {0, 0};
    TRY(setrlimit(RLIMIT_SIGPENDING, &none));
    TRY(getrlimit(RLIMIT_SIGPENDING, &none));
    printf("%lu %lu\n", (unsigned long)none.rlim_cur, (unsigned long)none.rlim_max);
    TRY(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 2}));
    TRY(kill(getpid(), SIGUSR1));
    siginfo_t info;
    IS(sigwaitinfo(&set, &info) == SIGUSR1);
    IS(sigwaitinfo(&set, &info) == SIGRTMIN && info.si_value.sival_int == 1);
    TRY(sigtimedwait(&set, &info, &(struct timespec){0}));
    return 0;
}
