// SPDX-License-Identifier: MIT
//
// Scheduling calls.
// needs: glibc
#include "conform.h"
#include <sched.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
    begin(argv);
    cpu_set_t set;
    TRY(sched_getaffinity(0, sizeof(set), &set));
    int count = CPU_COUNT(&set);
    IS(count >= 1 && count == sysconf(_SC_NPROCESSORS_ONLN));
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
    return 0;
}
