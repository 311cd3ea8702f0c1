// SPDX-License-Identifier: MIT
//
// uname, sysinfo, limits, usage.
#include "conform.h"
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

int main(int argc, char **argv)
{
    begin(argv);
    struct utsname u;
    TRY(uname(&u));
    printf("%s %s\n", u.sysname, u.machine);
    IS(strlen(u.release) > 2 && atoi(u.release) >= 4 && strlen(u.nodename) > 0 && strlen(u.version) > 0);
    TRY(syscall(SYS_uname, 8));
    struct sysinfo info;
    TRY(sysinfo(&info));
    IS(info.totalram > 0 && info.freeram <= info.totalram && info.mem_unit > 0 && info.procs > 0);
    IS(sysconf(_SC_NPROCESSORS_ONLN) >= 1 && sysconf(_SC_PAGESIZE) == 4096);
    struct rlimit l;
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        NEED(!getrlimit(i, &l));
        if (l.rlim_cur > l.rlim_max)
            printf("limit %d: %ju above %ju\n", i, (uintmax_t)l.rlim_cur, (uintmax_t)l.rlim_max);
    }
    TRY(getrlimit(99, &l));
    TRY(syscall(SYS_getrlimit, RLIMIT_NOFILE, 8));
    NEED(!getrlimit(RLIMIT_NOFILE, &l));
    IS(l.rlim_cur >= 256);
    l.rlim_cur = 10;
    TRY(setrlimit(RLIMIT_NOFILE, &l));
    NEED(!getrlimit(RLIMIT_NOFILE, &l));
    printf("%ju\n", (uintmax_t)l.rlim_cur);
    int last = 0;
    for (int fd; (fd = dup(0)) >= 0; last = fd)
        ;
    printf("last %d, %s\n", last, errno_name(errno));
    TRY(dup2(0, 10));
    TRY(fcntl(0, F_DUPFD, 10));
    l.rlim_cur = l.rlim_max + 1;
    if (l.rlim_max != RLIM_INFINITY)
        TRY(setrlimit(RLIMIT_NOFILE, &l));
    struct rusage usage;
    TRY(getrusage(RUSAGE_SELF, &usage));
    IS(usage.ru_maxrss > 0 && usage.ru_utime.tv_usec < 1000000);
    TRY(getrusage(RUSAGE_CHILDREN, &usage));
    TRY(getrusage(99, &usage));
    return 0;
}
