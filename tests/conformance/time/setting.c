// SPDX-License-Identifier: MIT
//
// An ordinary user cannot set the clock.
// needs: root
#include "conform.h"
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#define SAY(call) say(#call, call)

static void say(const char *what, long r)
{
    printf("%s: %ld %s\n", what, r, r < 0 ? errno_name(errno) : "");
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(setuid(65534) == 0);
    struct timespec ts = {1000, 0}, bad = {1000, 1000000000};
    SAY(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts));
    SAY(syscall(SYS_clock_settime, CLOCK_REALTIME, &bad));
    SAY(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL));
    SAY(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &ts));
    SAY(syscall(SYS_clock_settime, 77, &ts));
    struct timeval left = {7, 7}, some = {0, 1};
    SAY(adjtime(NULL, &left));
    printf("left: %ld %ld\n", (long)left.tv_sec, (long)left.tv_usec);
    SAY(adjtime(&some, NULL));
    SAY(syscall(SYS_settimeofday, &some, NULL));
    some.tv_usec = 1000000;
    SAY(syscall(SYS_settimeofday, &some, NULL));
    SAY(syscall(SYS_settimeofday, 8, NULL));
    return 0;
}
