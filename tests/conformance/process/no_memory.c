// SPDX-License-Identifier: MIT
//
// A fork whose copies do not fit is refused, and nothing is lost; one of less succeeds. On Linux nothing is copied and both succeed:
// what is right here stands in no_memory.*.out.
// memory: 96m
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { LARGE = 60 << 20, SMALL = 4 << 20 };

static bool holds(const unsigned char *p, size_t size)
{
    for (size_t i = 0; i < size; i += 64)
        if (p[i] != (unsigned char)(i >> 6))
            return false;
    return true;
}

static void try_fork(size_t size)
{
    unsigned char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    for (size_t i = 0; i < size; i += 64)
        p[i] = (unsigned char)(i >> 6);
    errno = 0;
    pid_t child = fork();
    if (!child)
        _exit(holds(p, size) ? 7 : 1);
    int status = 0;
    if (child > 0)
        NEED(waitpid(child, &status, 0) == child);
    printf("%zu MiB: %s, %d, %s\n",
           size >> 20, child < 0 ? errno_name(errno) : "forked", WEXITSTATUS(status), holds(p, size) ? "whole" : "damaged");
    munmap(p, size);
}

int main(int argc, char **argv)
{
    begin(argv);
    try_fork(SMALL);
    for (int i = 0; i < 3; i++)
        try_fork(LARGE);
    try_fork(SMALL);
    return 0;
}
