// SPDX-License-Identifier: MIT
//
// Nanoseconds per system call, one line each: "<name> <ns>". The median of several rounds, so that a disturbed one does not count.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9, CALLS = 20000 };

static int zero_fd, file_fd;
static char buffer[4096];

static void getppid_libc(void)
{
    getppid();
}

static void getppid_raw(void)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(SYS_getppid) : "rcx", "r11", "memory");
}

static void stat_file(void)
{
    struct stat st;
    if (stat("/data/file", &st))
        abort();
}

static void read_zero(void)
{
    if (read(zero_fd, buffer, 1) != 1)
        abort();
}

static void pread_file(void)
{
    if (pread(file_fd, buffer, sizeof(buffer), 8192) != sizeof(buffer))
        abort();
}

static void clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, void (*call)(void))
{
    double ns[ROUNDS];
    for (int i = 0; i < 1000; i++)
        call();
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (int i = 0; i < CALLS; i++)
            call();
        ns[round] = (now() - start) / CALLS;
    }
    qsort(ns, ROUNDS, sizeof(ns[0]), ascending);
    printf("%s %.1f\n", name, ns[ROUNDS / 2]);
}

int main(int argc, char **argv)
{
    zero_fd = open("/dev/zero", O_RDONLY);
    file_fd = open("/data/file", O_RDONLY);
    if (zero_fd < 0 || file_fd < 0) {
        perror("/dev/zero, /data/file");
        return 1;
    }
    measure("getppid", getppid_libc);
    measure("getppid-raw", getppid_raw);
    measure("stat", stat_file);
    measure("read-1", read_zero);
    measure("pread-4k", pread_file);
    measure("clock_gettime", clock_now);
    return 0;
}
