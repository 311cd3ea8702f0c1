// SPDX-License-Identifier: MIT
//
// utime, utimes, futimesat, and what utimensat leaves when one of its times is wrong.
#include "conform.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <utime.h>

#define FILE_NAME "old_times"

static void show(const char *what, long r)
{
    struct stat st;
    int e = r ? errno : 0;
    NEED(stat(FILE_NAME, &st) == 0);
    printf("%s: %s, %ld.%09ld %ld.%09ld\n", what, e ? errno_name(e) : "done", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
           (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void now(const char *what, long r)
{
    struct stat st;
    NEED(stat(FILE_NAME, &st) == 0);
    time_t age = time(NULL) - st.st_mtime;
    printf("%s: %ld, %s\n", what, r, age >= -1 && age < 60 && st.st_atime == st.st_mtime ? "now" : "another time");
}

int main(int argc, char **argv)
{
    begin(argv);
    int fd = open(FILE_NAME, O_CREAT | O_RDWR, 0600);
    NEED(fd >= 0);
    const struct utimbuf seconds = {1000, 2000};
    show("utime", syscall(SYS_utime, FILE_NAME, &seconds));
    now("utime now", syscall(SYS_utime, FILE_NAME, NULL));
    const struct timeval micro[2] = {{3000, 1}, {4000, 999999}};
    show("utimes", syscall(SYS_utimes, FILE_NAME, micro));
    now("utimes now", syscall(SYS_utimes, FILE_NAME, NULL));
    const struct timeval other[2] = {{5000, 5}, {6000, 6}};
    show("futimesat", syscall(SYS_futimesat, AT_FDCWD, FILE_NAME, other));
    show("futimesat by descriptor", syscall(SYS_futimesat, fd, NULL, micro));
    const struct timeval bad[2] = {{7000, 7}, {8000, 1000000}};
    show("a million microseconds", syscall(SYS_futimesat, AT_FDCWD, FILE_NAME, bad));
    const struct timespec half[2] = {{9000, 9}, {9000, 1000000000}};
    show("half of utimensat", syscall(SYS_utimensat, AT_FDCWD, FILE_NAME, half, 0));
    const struct timespec early[2] = {{-14245441, 750000000}, {-1, 999999999}};
    show("before 1970", syscall(SYS_utimensat, AT_FDCWD, FILE_NAME, early, 0));
    show("no such address", syscall(SYS_utime, FILE_NAME, (void *)8));
    show("no such file", syscall(SYS_utimes, "none", micro));
    return 0;
}
