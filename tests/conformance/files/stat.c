// SPDX-License-Identifier: MIT
//
// What stat, lstat, fstat, fstatat and statx tell.
#include "conform.h"
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>

static void show(const char *what, int result, const struct stat *st)
{
    if (result) {
        printf("%s: %s\n", what, errno_name(errno));
        return;
    }
    printf("%s: mode %o, size %ld, links %ld, block size %ld\n", what, st->st_mode,
           S_ISDIR(st->st_mode) ? 0 : (long)st->st_size, S_ISDIR(st->st_mode) ? 0 : (long)st->st_nlink, (long)st->st_blksize);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct stat st, other;
    write_file("f", "12345");
    NEED(!mkdir("d", 0751) && !symlink("f", "l") && !link("f", "g"));
    show("file", stat("f", &st), &st);
    show("folder", stat("d", &st), &st);
    show("through link", stat("l", &st), &st);
    show("link", lstat("l", &st), &st);
    show("none", stat("none", &st), &st);
    show("at", fstatat(AT_FDCWD, "l", &st, AT_SYMLINK_NOFOLLOW), &st);
    int fd = open("f", O_RDONLY);
    show("descriptor", fstat(fd, &st), &st);
    show("empty path", fstatat(fd, "", &st, AT_EMPTY_PATH), &st);
    show("empty path without flag", fstatat(fd, "", &st, 0), &st);
    show("unknown flag", fstatat(fd, "f", &st, 0x40000000), &st);
    NEED(!stat("f", &st) && !stat("g", &other));
    IS(st.st_ino == other.st_ino && st.st_dev == other.st_dev && st.st_ino != 0);
    IS(st.st_uid == getuid() && st.st_gid == getgid());
    IS(st.st_blocks >= 1 && st.st_blocks <= 16);
    IS(st.st_ctime - st.st_mtime >= 0 && st.st_ctime - st.st_mtime < 60); // the link came later
    IS(st.st_mtime <= time(NULL) + 1 && st.st_mtime > time(NULL) - 60);
    // Times: set, and changed by what changes the file.
    struct timespec times[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
    TRY(utimensat(AT_FDCWD, "f", times, 0));
    NEED(!stat("g", &st));
    printf("%ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    times[0].tv_nsec = UTIME_OMIT, times[1].tv_nsec = UTIME_NOW;
    TRY(utimensat(AT_FDCWD, "f", times, 0));
    NEED(!stat("g", &st));
    IS(st.st_atime == 1000000000 && st.st_mtime > 1500000000);
    times[0].tv_nsec = 1000000000;
    TRY(utimensat(AT_FDCWD, "f", times, 0));
    TRY(utimensat(AT_FDCWD, "none", NULL, 0));
    times[0] = times[1] = (struct timespec){1200000000, 0};
    TRY(futimens(fd, times));
    TRY(utimensat(AT_FDCWD, "l", times, AT_SYMLINK_NOFOLLOW));
    NEED(!lstat("l", &st));
    IS(st.st_mtime == 1200000000);
    NEED(!chmod("f", 0600) && !stat("f", &st));
    IS(st.st_mtime == 1200000000 && st.st_ctime > 1500000000);
    fd = open("f", O_WRONLY);
    NEED(write(fd, "x", 1) == 1 && !fstat(fd, &st));
    IS(st.st_mtime > 1500000000);
    // A folder's time changes with its entries.
    NEED(!utimensat(AT_FDCWD, "d", times, 0));
    write_file("d/new", "");
    NEED(!stat("d", &st));
    IS(st.st_mtime > 1500000000);
    TRY(syscall(SYS_fstat, fd, (void *)8));
    TRY(syscall(SYS_stat, "f", (void *)8));
    TRY(fstat(77, &st));
    return 0;
}
