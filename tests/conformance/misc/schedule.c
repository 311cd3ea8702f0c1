// SPDX-License-Identifier: MIT
//
// Scheduling calls.
// needs: glibc
#include "conform.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
    begin(argv);
    (void)sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}); // however it was started
    (void)setpriority(PRIO_PROCESS, 0, 0);
    cpu_set_t set;
    TRY(sched_getaffinity(0, sizeof(set), &set));
    int count = CPU_COUNT(&set);
    IS(count >= 1 && count <= sysconf(_SC_NPROCESSORS_ONLN));
    TRY(sched_setaffinity(0, sizeof(set), &set));
    TRY(syscall(SYS_sched_getaffinity, 0, 1, &set));
    TRY(sched_yield());
    unsigned cpu = 9999, node = 9999;
    TRY(syscall(SYS_getcpu, &cpu, &node, NULL));
    IS(cpu < 9999 && node < 9999);
    TRY(sched_getscheduler(0));
    TRY(sched_get_priority_max(SCHED_FIFO));
    TRY(sched_get_priority_min(SCHED_FIFO));
    TRY(sched_get_priority_max(SCHED_OTHER));
    TRY(sched_get_priority_max(77));
    struct sched_param param = {.sched_priority = 5};
    TRY(sched_getparam(0, &param));
    printf("%d\n", param.sched_priority);
    TRY(sched_setscheduler(0, SCHED_OTHER, &param));
    param.sched_priority = 1;
    TRY(sched_setscheduler(0, SCHED_OTHER, &param));
    errno = 0;
    TRY(getpriority(PRIO_PROCESS, 0));
    TRY(setpriority(PRIO_PROCESS, 0, 5));
    TRY(getpriority(PRIO_PROCESS, 0));
    TRY(getpriority(99, 0));
    TRY(getpriority(PRIO_PROCESS, 999999));
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t times[3];
    } attr = {0};
    TRY(syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0));
    printf("%u %u %d %u\n", attr.size, attr.policy, attr.nice, attr.priority);
    attr.nice = 7;
    TRY(syscall(SYS_sched_setattr, 0, &attr, 0));
    TRY(getpriority(PRIO_PROCESS, 0));
    TRY(syscall(SYS_sched_getattr, 0, &attr, 10, 0));
    TRY(sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}));
    TRY(sched_getscheduler(0));
    TRY(setpriority(PRIO_PROCESS, 0, 99));
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        TRY(getpriority(PRIO_PROCESS, 0));
        TRY(sched_getscheduler(0));
        cpu_set_t parent;
        IS(!sched_getaffinity(getppid(), sizeof(parent), &parent) && CPU_COUNT(&parent) == count);
        TRY(sched_rr_get_interval(getppid(), &(struct timespec){0}));
        fflush(stdout);
        _exit(0);
    }
    NEED(waitpid(child, NULL, 0) == child);
    TRY(sched_getscheduler(1) & ~0x40000000); // the first ancestor, however it was started
    TRY(sched_getparam(1, &param));
    enum { WHO_PROCESS = 1, BEST_EFFORT = 2 << 13 };
    TRY(syscall(SYS_ioprio_set, WHO_PROCESS, 0, BEST_EFFORT | 3));
    printf("%d\n", syscall(SYS_ioprio_get, WHO_PROCESS, 0) == (BEST_EFFORT | 3));
    TRY(syscall(SYS_ioprio_set, WHO_PROCESS, 0, BEST_EFFORT | 9));
    TRY(syscall(SYS_ioprio_get, 9, 0));
    return 0;
}
