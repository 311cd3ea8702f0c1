// SPDX-License-Identifier: MIT
//
// What the command line tests run inside: argv[1] says what to do.
#define _GNU_SOURCE 1 // environ
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int show(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("[%s]", argv[i]);
    printf("\n");
    return 0;
}

// 0 when every byte could be read, 5 otherwise; silent.
static int read_file(const char *path)
{
    static char buffer[65536];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0)
        n = read(fd, buffer, sizeof(buffer));
    return n ? 5 : 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "show";
    if (!strcmp(what, "exit"))
        return atoi(argv[2]);
    if (!strcmp(what, "raise"))
        return raise(atoi(argv[2]));
    if (!strcmp(what, "fault"))
        *(volatile int *)0x10 = 1;
    if (!strcmp(what, "read"))
        return read_file(argv[2]);
    if (!strcmp(what, "directory"))
        return puts(getcwd((char[4096]){""}, 4096)) < 0;
    if (!strcmp(what, "stack-limit")) {
        struct rlimit limit;
        char deep[300000]; // of the first stack
        memset(deep, 1, sizeof(deep));
        return getrlimit(RLIMIT_STACK, &limit) || printf("%lu\n", (unsigned long)limit.rlim_cur + (deep[argc] != 1)) < 0;
    }
    if (!strcmp(what, "grow")) {
        long end = syscall(SYS_brk, 0);
        return syscall(SYS_brk, end + 4096) != end + 4096;
    }
    if (!strcmp(what, "run-stack")) {
        volatile unsigned char returns[] = {0xc3};
        ((void (*)(void))(uintptr_t)returns)();
        return 0;
    }
    if (!strcmp(what, "writes")) { // until nobody reads any more
        while (write(1, "line\n", 5) == 5)
            ;
        return errno == EPIPE ? 7 : 1;
    }
    if (!strcmp(what, "environment")) {
        for (char **e = environ; *e; e++)
            puts(*e);
        return 0;
    }
    return show(argc, argv);
}
