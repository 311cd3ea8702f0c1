// SPDX-License-Identifier: MIT
//
// Signals of a timer that nobody has taken, when it is set anew or deleted; clocks that cannot be waited for, and processor time.
//
// needs: root
#include "conform.h"
#include <sys/wait.h>
#include <sys/timex.h>
#include <sys/resource.h>
#include <pthread.h>
#include <sys/timerfd.h>
#include <time.h>

static sigset_t usr2;
static const struct itimerspec soon = {.it_value = {0, 1}}, never = {.it_value = {0, 0}}, late = {.it_value = {100, 0}};

static void taken(const char *when)
{
    const struct timespec none = {0, 0};
    siginfo_t i;
    int r = sigtimedwait(&usr2, &i, &none);
    printf("%s: %s\n", when, r == SIGUSR2 ? "pending" : errno_name(errno));
}

static void expire(timer_t t)
{
    timer_settime(t, 0, &soon, NULL);
    usleep(20000);
}

static void pending(void)
{
    timer_t t;
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    NEED(!timer_create(CLOCK_MONOTONIC, &e, &t));
    expire(t);
    taken("expired");
    expire(t);
    timer_settime(t, 0, &never, NULL);
    taken("stopped");
    expire(t);
    timer_settime(t, 0, &late, NULL);
    taken("set anew");
    expire(t);
    raise(SIGUSR2);
    timer_delete(t);
    taken("deleted, but sent by somebody else");
    taken("deleted");
}

static void *works(void *unused)
{
    for (;;)
        ;
    return NULL;
}

static void clocks(void)
{
    struct timespec t = {0, 1}, before, after;
    pthread_t thread;
    clockid_t its;
    TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &t, NULL));
    TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &t, NULL));
    TRY(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL));
    TRY(timerfd_create(CLOCK_TAI, 0));
    NEED(!pthread_create(&thread, NULL, works, NULL) && !pthread_getcpuclockid(thread, &its));
    t.tv_nsec = 50000000;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    TRY(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &t, NULL));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    IS((after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec - before.tv_nsec >= 50000000);
    TRY(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &before, NULL));
    TRY(syscall(SYS_clock_nanosleep, its, 0, &t, NULL));
}

// A timer has the place of its signal from the start. And what comes of flags and ticks that there are not.
static void refusals(void)
{
    struct rlimit few = {2, 2};
    struct sigevent silent = {.sigev_notify = SIGEV_NONE};
    struct timex t = {.modes = ADJ_TICK, .tick = 1};
    int status, id[3];
    TRY(syscall(SYS_utimensat, AT_FDCWD, "/", NULL, AT_SYMLINK_FOLLOW));
    fflush(stdout);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (!pid) {
        NEED(!setuid(54321) && !setrlimit(RLIMIT_SIGPENDING, &few));
        for (int i = 0; i < 3; i++)
            TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &silent, &id[i]));
        TRY(syscall(SYS_timer_delete, id[1]));
        TRY(syscall(SYS_timer_create, CLOCK_REALTIME, NULL, &id[1]));
        TRY(syscall(SYS_adjtimex, &t));
        fflush(stdout);
        _exit(0);
    }
    NEED(waitpid(pid, &status, 0) == pid);
    TRY(syscall(SYS_adjtimex, &t));
}

int main(int argc, char **argv)
{
    begin(argv);
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    sigprocmask(SIG_BLOCK, &usr2, NULL);
    pending();
    clocks();
    refusals();
    return 0;
}
