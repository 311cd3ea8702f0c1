// SPDX-License-Identifier: MIT
//
// sigsuspend, sigwait, sigwaitinfo, sigtimedwait, pause.
#include "conform.h"
#include <sys/wait.h>
#include <time.h>

static void handler(int sig)
{
    printf("signal %d\n", sig);
}

// Blocked signals are never ignored, nor are those that somebody waits for who had them blocked.
static void ignored_ones(void)
{
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGTERM, SIG_IGN);
    pid_t parent = getpid(), child = fork();
    if (!child) {
        usleep(50000);
        kill(parent, SIGTERM);
        usleep(50000);
        _exit(3);
    }
    IS(sigtimedwait(&set, &info, &(struct timespec){60, 0}) == SIGTERM && info.si_pid == child);
    IS(sigtimedwait(&set, &info, &(struct timespec){60, 0}) == SIGCHLD && info.si_status == 3);
    NEED(waitpid(child, NULL, 0) == child);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    sigset_t set, none, old;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    TRY(sigsuspend(&none));
    sigprocmask(SIG_BLOCK, NULL, &old);
    IS(sigismember(&old, SIGUSR1));
    siginfo_t info = {0};
    TRY(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 77}));
    IS(sigwaitinfo(&set, &info) == SIGRTMIN);
    IS(info.si_signo == SIGRTMIN && info.si_code == SI_QUEUE && info.si_value.sival_int == 77 && info.si_pid == getpid() &&
       info.si_uid == getuid());
    raise(SIGUSR2);
    raise(SIGUSR1);
    IS(sigtimedwait(&set, &info, &(struct timespec){1, 0}) == SIGUSR1); // the lowest
    int sig = 0;
    RETURNS(sigwait(&set, &sig));
    IS(sig == SIGUSR2);
    TRY(sigtimedwait(&set, &info, &(struct timespec){0, 0}));
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    TRY(sigtimedwait(&set, &info, &(struct timespec){0, 30000000}));
    clock_gettime(CLOCK_MONOTONIC, &end);
    long passed = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
    IS(passed >= 30000000 && passed < 20000000000);
    TRY(sigtimedwait(&set, &info, &(struct timespec){0, 1000000000}));
    TRY(syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 4));
    // A signal of another thread of ours, by way of the kernel.
    TRY(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &(siginfo_t){.si_code = SI_QUEUE}));
    IS(sigwaitinfo(&set, NULL) == SIGUSR1);
    TRY(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1));
    IS(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_code == SI_TKILL);
    TRY(kill(getpid(), SIGUSR1));
    IS(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_code == SI_USER);
    TRY(syscall(SYS_tgkill, getpid(), 999999, SIGUSR1));
    TRY(syscall(SYS_tgkill, -1, 1, SIGUSR1));
    ignored_ones();
    return 0;
}
