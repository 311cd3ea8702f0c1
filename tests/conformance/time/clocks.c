// SPDX-License-Identifier: MIT
//
// Clocks: they run, forward, and agree with each other.
#include "conform.h"
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static int64_t now(clockid_t clock)
{
    struct timespec t;
    NEED(!clock_gettime(clock, &t));
    NEED(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static int64_t raw(clockid_t clock)
{
    struct timespec t;
    NEED(!syscall(SYS_clock_gettime, clock, &t));
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(int argc, char **argv)
{
    begin(argv);
    static const clockid_t all[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
                                    CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME};
    for (int i = 0; i < 8; i++) {
        struct timespec resolution;
        int64_t a = now(all[i]), b = raw(all[i]), c = now(all[i]);
        printf("clock %d: in order %d\n", all[i], a <= b && b <= c);
        TRY(clock_getres(all[i], &resolution));
        IS(resolution.tv_sec == 0 && resolution.tv_nsec >= 1 && resolution.tv_nsec <= 10000000);
    }
    int64_t last = now(CLOCK_MONOTONIC), backwards = 0, moved = 0;
    for (int i = 0; i < 200000; i++) {
        int64_t t = now(CLOCK_MONOTONIC);
        backwards += t < last;
        moved += t > last;
        last = t;
    }
    printf("backwards %ld\n", (long)backwards);
    IS(moved > 1000);
    struct timeval tv;
    // Each between two looks at the clock; coarse ones may be a tick late.
    int64_t before = now(CLOCK_REALTIME) / 1000;
    TRY(gettimeofday(&tv, NULL));
    IS(before <= tv.tv_sec * 1000000ll + tv.tv_usec && tv.tv_sec * 1000000ll + tv.tv_usec <= now(CLOCK_REALTIME) / 1000);
    time_t by_library = time(NULL), by_call = syscall(SYS_time, NULL), end = now(CLOCK_REALTIME) / 1000000000;
    IS(tv.tv_sec - 1 <= by_library && by_library <= end);
    IS(tv.tv_sec - 1 <= by_call && by_call <= end);
    // The processor's time passes with work, not faster than time, and hardly with sleep.
    int64_t cpu = now(CLOCK_PROCESS_CPUTIME_ID), start = now(CLOCK_MONOTONIC);
    while (now(CLOCK_PROCESS_CPUTIME_ID) - cpu < 50000000)
        ;
    IS(now(CLOCK_MONOTONIC) - start > 40000000);
    cpu = now(CLOCK_THREAD_CPUTIME_ID);
    usleep(100000);
    IS(now(CLOCK_THREAD_CPUTIME_ID) - cpu < 60000000);
    struct tms t;
    IS(times(&t) != -1 && t.tms_utime + t.tms_stime >= 1);
    TRY(clock_gettime(77, &(struct timespec){0}));
    TRY(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 8));
    TRY(clock_getres(77, NULL));
    TRY(clock_getres(CLOCK_MONOTONIC, NULL));
    return 0;
}
