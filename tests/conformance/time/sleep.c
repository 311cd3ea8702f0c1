// SPDX-License-Identifier: MIT
//
// nanosleep and clock_nanosleep: at least as long as said, until a time, refusals.
#include "conform.h"
#include <time.h>

static int64_t now(clockid_t clock)
{
    struct timespec t;
    NEED(!clock_gettime(clock, &t));
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(int argc, char **argv)
{
    begin(argv);
    int64_t start = now(CLOCK_MONOTONIC);
    TRY(nanosleep(&(struct timespec){0, 50000000}, NULL));
    int64_t passed = now(CLOCK_MONOTONIC) - start;
    IS(passed >= 50000000 && passed < 20000000000);
    for (int clock = CLOCK_REALTIME; clock <= CLOCK_MONOTONIC; clock++) {
        int64_t until = now(clock) + 30000000;
        struct timespec t = {until / 1000000000, until % 1000000000};
        RETURNS(clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL));
        IS(now(clock) >= until);
        RETURNS(clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL)); // in the past
        start = now(CLOCK_MONOTONIC);
        RETURNS(clock_nanosleep(clock, 0, &(struct timespec){0, 20000000}, NULL));
        IS(now(CLOCK_MONOTONIC) - start >= 20000000);
    }
    TRY(nanosleep(&(struct timespec){0, 0}, NULL));
    TRY(nanosleep(&(struct timespec){0, 1000000000}, NULL));
    TRY(nanosleep(&(struct timespec){-1, 0}, NULL));
    TRY(syscall(SYS_nanosleep, 8, NULL));
    RETURNS(clock_nanosleep(77, 0, &(struct timespec){0, 1}, NULL));
    RETURNS(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, -1}, NULL));
    int64_t shortest = INT64_MAX;
    for (int i = 0; i < 100; i++) {
        start = now(CLOCK_MONOTONIC);
        nanosleep(&(struct timespec){0, 1000}, NULL);
        passed = now(CLOCK_MONOTONIC) - start;
        shortest = passed < shortest ? passed : shortest;
    }
    IS(shortest >= 1000 && shortest < 20000000); // the others were kept from the processor
    return 0;
}
