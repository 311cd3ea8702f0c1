// SPDX-License-Identifier: MIT
//
// Clocks by number, processor time, times, getrusage, sysinfo, sched_rr_get_interval.
#include "conform.h"
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static long long ns_of(int clock)
{
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void burn(int clock, long long ns)
{
    long long until = ns_of(clock) + ns;
    while (ns_of(clock) < until)
        ;
}

int main(int argc, char **argv)
{
    begin(argv);
    static const int clocks[] = {
        CLOCK_REALTIME,      CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
        CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME,  CLOCK_TAI,                CLOCK_REALTIME_COARSE,
        CLOCK_MONOTONIC_COARSE,
    };
    struct timespec t;
    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        printf("clock %d\n", clocks[i]);
        TRY(syscall(SYS_clock_gettime, clocks[i], &t));
        IS(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
        TRY(syscall(SYS_clock_getres, clocks[i], &t));
        if (clocks[i] == CLOCK_REALTIME_COARSE || clocks[i] == CLOCK_MONOTONIC_COARSE)
            IS(t.tv_nsec >= 1000000 && t.tv_nsec <= 10000000); // a tick, which is long or short as the kernel was built
        else
            printf("resolution %ld\n", t.tv_nsec);
        TRY(syscall(SYS_clock_getres, clocks[i], NULL));
    }
    TRY(syscall(SYS_clock_gettime, 77, &t));
    TRY(syscall(SYS_clock_getres, 77, &t));
    TRY(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (void *)8));
    // Processor time passes when we compute, and (nearly) not when we sleep.
    long long before = ns_of(CLOCK_THREAD_CPUTIME_ID);
    burn(CLOCK_THREAD_CPUTIME_ID, 20000000);
    IS(ns_of(CLOCK_THREAD_CPUTIME_ID) - before >= 20000000);
    before = ns_of(CLOCK_PROCESS_CPUTIME_ID);
    burn(CLOCK_PROCESS_CPUTIME_ID, 20000000);
    IS(ns_of(CLOCK_PROCESS_CPUTIME_ID) - before >= 20000000);
    before = ns_of(CLOCK_THREAD_CPUTIME_ID);
    usleep(50000);
    IS(ns_of(CLOCK_THREAD_CPUTIME_ID) - before < 25000000);
    clockid_t id;
    RETURNS(clock_getcpuclockid(0, &id));
    TRY(clock_gettime(id, &t));
    RETURNS(clock_getcpuclockid(getpid(), &id));
    TRY(clock_gettime(id, &t));
    RETURNS(pthread_getcpuclockid(pthread_self(), &id));
    TRY(clock_gettime(id, &t));
    struct rusage u;
    TRY(getrusage(RUSAGE_SELF, &u));
    IS(u.ru_utime.tv_sec * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_sec * 1000000 + u.ru_stime.tv_usec >= 20000);
    IS(u.ru_maxrss > 0);
    TRY(getrusage(RUSAGE_CHILDREN, &u));
    IS(u.ru_utime.tv_sec == 0 && u.ru_utime.tv_usec == 0);
    TRY(getrusage(RUSAGE_THREAD, &u));
    TRY(getrusage(77, &u));
    struct tms tms;
    OK(times(&tms));
    IS(tms.tms_utime + tms.tms_stime >= 2 && tms.tms_cutime == 0);
    TRY(sched_rr_get_interval(0, &t));
    IS(t.tv_sec == 0 && t.tv_nsec >= 0);
    TRY(sched_rr_get_interval(-1, &t));
    struct sysinfo s;
    TRY(sysinfo(&s));
    IS(s.uptime > 0 && s.procs > 0 && s.totalram >= s.freeram && s.mem_unit > 0);
    // Sleeps last at least as long as they are told.
    before = ns_of(CLOCK_MONOTONIC);
    TRY(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, 10000000}, NULL));
    IS(ns_of(CLOCK_MONOTONIC) - before >= 10000000);
    return 0;
}
