// SPDX-License-Identifier: MIT
//
// Nanoseconds per system call: calls FILE [NAME...]. FILE has at least 12 KiB and the same path wherever this runs.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"

static const char *path;
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
    if (stat(path, &st))
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
    if (clock_gettime(CLOCK_MONOTONIC, &t))
        abort();
}

static const struct measurement all[] = {
    {"getppid", getppid_libc, 20000}, {"getppid-raw", getppid_raw, 20000}, {"stat", stat_file, 20000},
    {"read-1", read_zero, 20000},     {"pread-4k", pread_file, 20000},     {"clock_gettime", clock_now, 20000},
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    path = argv[1];
    zero_fd = open("/dev/zero", O_RDONLY);
    file_fd = open(path, O_RDONLY);
    if (zero_fd < 0 || file_fd < 0) {
        perror(zero_fd < 0 ? "/dev/zero" : path);
        return 1;
    }
    measure_named(all, sizeof(all) / sizeof(all[0]), argv + 2);
    return 0;
}
