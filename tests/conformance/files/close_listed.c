// SPDX-License-Identifier: MIT
//
// A program that closes descriptors while it lists /proc/self/fd, by few names at a time, misses none.
#include "conform.h"
#include <dirent.h>

enum { FIRST = 20, COUNT = 60 };

struct record {
    uint64_t ino;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

static void close_all(int dir)
{
    char buffer[200];
    long n;
    while ((n = syscall(SYS_getdents64, dir, buffer, sizeof(buffer))) > 0)
        for (long at = 0; at < n;) {
            struct record *r = (struct record *)(buffer + at);
            int fd = atoi(r->name);
            if (fd >= FIRST)
                close(fd);
            at += r->length;
        }
}

int main(int argc, char **argv)
{
    begin(argv);
    int null = open("/dev/null", O_RDONLY), left = 0;
    for (int fd = FIRST; fd < FIRST + COUNT; fd++)
        NEED(dup2(null, fd) == fd);
    int dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
    NEED(dir >= 0 && dir < FIRST);
    close_all(dir);
    for (int fd = FIRST; fd < FIRST + COUNT; fd++)
        left += fcntl(fd, F_GETFD) >= 0;
    printf("%d left\n", left);
    return 0;
}
