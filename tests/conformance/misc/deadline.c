// SPDX-License-Identifier: MIT
// needs: root
// needs: glibc
//
// sched_setattr: SCHED_DEADLINE, what is to be kept; round-robin intervals; whose I/O priority it is.
#include "conform.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

enum { RESET_ON_FORK = 1, KEEP_POLICY = 8, KEEP_PARAMETERS = 16, DEADLINE = 6 };

static long set(struct attributes a)
{
    a.size = sizeof(a);
    return syscall(SYS_sched_setattr, 0, &a, 0);
}

static void show(void)
{
    struct attributes a = {0};
    NEED(!syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0));
    printf("policy %u, flags %lu, nice %d, priority %u\n", a.policy, a.flags, a.nice, a.priority);
    if (a.policy == DEADLINE)
        printf("%lu %lu %lu\n", a.runtime, a.deadline, a.period);
}

static void deadlines(void)
{
    TRY(set((struct attributes){.policy = DEADLINE, .runtime = 1000000, .deadline = 30000000, .period = 40000000}));
    show();
    TRY(fork()); // the time is granted to one
    TRY(sched_setparam(0, &(struct sched_param){0}));
    TRY(set((struct attributes){.policy = DEADLINE, .flags = RESET_ON_FORK, .runtime = 1000000, .deadline = 30000000}));
    show();
    fflush(stdout);
    if (!fork()) {
        show();
        exit(0);
    }
    wait(NULL);
    TRY(set((struct attributes){.policy = DEADLINE, .runtime = 1000, .deadline = 30000000}));
    TRY(set((struct attributes){.policy = DEADLINE, .runtime = 40000000, .deadline = 30000000}));
    TRY(set((struct attributes){.policy = DEADLINE, .runtime = 1000000, .deadline = 30000000, .period = 20000000}));
    TRY(set((struct attributes){.policy = DEADLINE, .runtime = 1000000, .deadline = 5000000000}));
    TRY(set((struct attributes){.policy = DEADLINE, .priority = 1, .runtime = 1000000, .deadline = 30000000}));
    TRY(set((struct attributes){.policy = SCHED_OTHER}));
    show();
    TRY(sched_setscheduler(0, DEADLINE, &(struct sched_param){0}));
}

static void keeping(void)
{
    TRY(set((struct attributes){.policy = SCHED_BATCH, .nice = 4}));
    TRY(set((struct attributes){.policy = 77, .flags = KEEP_POLICY, .nice = 6}));
    show();
    TRY(set((struct attributes){.policy = SCHED_OTHER, .flags = KEEP_PARAMETERS, .nice = 9}));
    show();
    TRY(set((struct attributes){.policy = 77, .flags = KEEP_POLICY | KEEP_PARAMETERS, .nice = 9}));
    TRY(set((struct attributes){.policy = SCHED_OTHER, .flags = 0x1000}));
    show();
}

static void intervals(void)
{
    struct timespec t = {9, 9};
    TRY(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){1}));
    TRY(sched_rr_get_interval(0, &t));
    printf("%ld %ld\n", (long)t.tv_sec, t.tv_nsec);
    TRY(sched_setscheduler(0, SCHED_RR, &(struct sched_param){1}));
    TRY(sched_rr_get_interval(0, &t));
    long ms = 0;
    FILE *f = fopen("/proc/sys/kernel/sched_rr_timeslice_ms", "r");
    NEED(f && fscanf(f, "%ld", &ms) == 1);
    IS(t.tv_sec == 0 && t.tv_nsec == ms * 1000000);
    TRY(sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}));
}

static void of_somebody_else(void)
{
    if (!fork()) {
        NEED(!setresuid(1000, 1000, 1000));
        TRY(syscall(SYS_ioprio_set, 1, getppid(), 2 << 13 | 4));
        TRY(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4));
        TRY(set((struct attributes){.policy = DEADLINE, .runtime = 1000000, .deadline = 30000000}));
        exit(0);
    }
    wait(NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    (void)sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}); // however it was started
    (void)setpriority(PRIO_PROCESS, 0, 0);
    deadlines();
    intervals();
    of_somebody_else();
    keeping();
    return 0;
}
