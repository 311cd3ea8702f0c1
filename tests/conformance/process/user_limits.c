// SPDX-License-Identifier: MIT
//
// RLIMIT_CPU, RLIMIT_NPROC, and whose limits, priorities and processors somebody may set.
#include "conform.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void spin(rlim_t soft, rlim_t hard, void (*handler)(int))
{
    int status;
    if (!fork()) {
        const struct rlimit l = {soft, hard};
        signal(SIGXCPU, handler);
        setrlimit(RLIMIT_CPU, &l);
        for (;;)
            ;
    }
    wait(&status);
    printf("limits %ld %ld: signal %d\n", (long)soft, (long)hard, WTERMSIG(status));
}

static void inherited(void)
{
    int status;
    const struct rlimit l = {1, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CPU, &l);
    if (!fork())
        for (;;)
            ;
    setrlimit(RLIMIT_CPU, &none);
    wait(&status);
    printf("child of who has a limit: %d\n", WTERMSIG(status));
}

static void others(void)
{
    struct rlimit l;
    struct sched_param p = {0};
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    NEED(!setresuid(4321, 4321, 4321));
    TRY(prlimit(getppid(), RLIMIT_NOFILE, NULL, &l));
    TRY(setpriority(PRIO_PROCESS, getppid(), 1));
    TRY(sched_setscheduler(getppid(), SCHED_OTHER, &p));
    TRY(sched_setaffinity(getppid(), sizeof(set), &set));
    TRY(sched_setscheduler(0, SCHED_IDLE, &p));
    TRY(sched_setscheduler(0, SCHED_OTHER, &p));
    l = (struct rlimit){1, 1};
    TRY(setrlimit(RLIMIT_NPROC, &l));
    TRY(fork());
    exit(0);
}

int main(int argc, char **argv)
{
    begin(argv);
    spin(1, 2, SIG_IGN);
    inherited();
    struct rlimit l = {5, 4};
    TRY(setrlimit(RLIMIT_NOFILE, &l));
    getrlimit(RLIMIT_NOFILE, &l);
    l.rlim_max = (1 << 20) + 1;
    TRY(setrlimit(RLIMIT_NOFILE, &l));
    if (!fork())
        others();
    wait(NULL);
    return 0;
}
