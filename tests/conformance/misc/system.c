// SPDX-License-Identifier: MIT
//
// uname, sysinfo, limits, usage.
// needs: root
#include "conform.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static void names(void)
{
    struct utsname u;
    (void)unshare(CLONE_NEWUTS); // natively the machine keeps its name
    char text[80] = "";
    NEED(!uname(&u));
    int fd = open("/proc/sys/kernel/osrelease", O_RDONLY);
    NEED(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
    IS(!strncmp(text, u.release, strlen(u.release)));
    close(fd);
    TRY(sethostname("x", (size_t)-1));
    TRY(sethostname(text, 65));
    TRY(sethostname((char *)8, 3));
    TRY(setdomainname(text, 65));
    TRY(sethostname("changed", 7));
    TRY(setdomainname("example", 7));
    NEED(!uname(&u));
    printf("%s %s\n", u.nodename, u.domainname);
    show_file("/proc/sys/kernel/hostname");
    TRY(sethostname("", 0));
    TRY(gethostname(text, sizeof(text)));
    printf("[%s]\n", text);
    pid_t pid = fork();
    if (!pid) {
        NEED(!setuid(1234));
        TRY(sethostname("other", 5));
        exit(0);
    }
    NEED(waitpid(pid, NULL, 0) == pid);
}

int main(int argc, char **argv)
{
    begin(argv);
    names();
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
    TRY(setrlimit(RLIMIT_NOFILE, &l)); // soft above hard
    char most[32] = "";
    TRY(close(9)); // they are all taken
    int fd = open("/proc/sys/fs/nr_open", O_RDONLY);
    NEED(fd >= 0 && read(fd, most, sizeof(most) - 1) > 0);
    l.rlim_cur = 10;
    l.rlim_max = strtoul(most, NULL, 10) + 1; // not even root
    TRY(setrlimit(RLIMIT_NOFILE, &l));
    struct rusage usage;
    TRY(getrusage(RUSAGE_SELF, &usage));
    IS(usage.ru_maxrss > 0 && usage.ru_utime.tv_usec < 1000000);
    TRY(getrusage(RUSAGE_CHILDREN, &usage));
    TRY(getrusage(99, &usage));
    return 0;
}
