// SPDX-License-Identifier: MIT
//
// When a file was last read, as far as that is kept (relatime).
#include "conform.h"
#include <dirent.h>
#include <sys/mman.h>
#include <sys/uio.h>

static const struct timespec long_ago[2] = {{1000, 0}, {2000, 0}};
static char b[4096];

static void age(const char *path)
{
    NEED(utimensat(AT_FDCWD, path, long_ago, AT_SYMLINK_NOFOLLOW) == 0);
}

static void show(const char *what, const char *path)
{
    struct stat s;
    NEED(lstat(path, &s) == 0);
    printf("%s: accessed %s, modified %s\n", what, s.st_atime == 1000 ? "then" : "now", s.st_mtime == 2000 ? "then" : "now");
    age(path);
}

static void reads(void)
{
    struct iovec v = {b, 2};
    int fd = open("t", O_RDWR), quiet = open("t", O_RDONLY | O_NOATIME), out = open("o", O_CREAT | O_RDWR, 0600);
    show("open", "t");
    read(fd, b, 2);
    show("read", "t");
    read(fd, b, 0);
    show("read nothing", "t");
    readv(fd, &v, 1);
    show("readv", "t");
    pread(fd, b, 1, 0);
    show("pread", "t");
    read(quiet, b, 1);
    show("O_NOATIME", "t");
    lseek(fd, 0, SEEK_END);
    read(fd, b, 1);
    show("read at the end", "t");
    lseek(fd, 0, SEEK_SET);
    syscall(SYS_sendfile, out, fd, NULL, 2);
    show("sendfile", "t");
    off_t zero = 0;
    syscall(SYS_copy_file_range, fd, &zero, out, NULL, 2, 0);
    show("copy_file_range", "t");
    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    show("mmap", "t");
    lseek(fd, 0, SEEK_SET);
    write(fd, "x", 1);
    show("write", "t");
}

static void relative(void)
{
    struct stat s, again;
    int fd = open("t", O_RDONLY);
    const struct timespec now[2] = {{0, UTIME_NOW}, {1000, 0}};
    utimensat(AT_FDCWD, "t", long_ago, 0);
    usleep(20000);
    read(fd, b, 1); // later than all changes
    fstat(fd, &s);
    usleep(20000);
    read(fd, b, 1);
    fstat(fd, &again);
    IS(s.st_atim.tv_nsec == again.st_atim.tv_nsec);
    utimensat(AT_FDCWD, "t", now, 0);
    fstat(fd, &s);
    usleep(20000);
    pread(fd, b, 1, 0);
    fstat(fd, &again);
    IS(s.st_atim.tv_nsec == again.st_atim.tv_nsec);
}

static void names(void)
{
    mkdir("d", 0755);
    write_file("d/f", "");
    age("d");
    DIR *d = opendir("d");
    show("opendir", "d");
    readdir(d);
    show("readdir", "d");
    closedir(d);
    access("d/f", F_OK);
    show("a path through", "d");
    symlink("t", "l");
    age("l");
    struct stat s;
    lstat("l", &s);
    show("lstat", "l");
    readlink("l", b, sizeof(b));
    show("readlink", "l");
    stat("l", &s);
    show("followed", "l");
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("t", "hello");
    age("t");
    reads();
    relative();
    names();
    return 0;
}
