// SPDX-License-Identifier: MIT
//
// File handles, of a file system that has none.
// needs: root
#include "conform.h"
#include <sys/wait.h>

struct handle {
    unsigned size;
    int type;
    char bytes[128];
};
enum { EMPTY_PATH = 0x1000 };

static void name(int dir, const char *path, void *h, int flags)
{
    int mount;
    errno = 0;
    long r = syscall(SYS_name_to_handle_at, dir, path, h, &mount, flags);
    printf("name %s %x: %ld %s\n", path, flags, r, errno_name(errno));
}

static void open_it(int mount, void *h)
{
    errno = 0;
    long r = syscall(SYS_open_by_handle_at, mount, h, O_RDONLY);
    printf("open: %ld %s\n", r, errno == ESTALE ? "ESTALE" : errno_name(errno));
}

int main(int argc, char **argv)
{
    begin(argv);
    struct handle h = {.size = sizeof(h.bytes)};
    name(AT_FDCWD, "/proc/self/status", &h, 0);
    name(AT_FDCWD, "/proc/nothing", &h, 0);
    name(AT_FDCWD, "", &h, 0);
    name(-1, "", &h, EMPTY_PATH);
    name(-1, "nothing", &h, 0);
    name(AT_FDCWD, "/proc/self/status", &h, 0x10000);
    int proc = open("/proc", O_RDONLY);
    h.size = 8;
    open_it(proc, &h);
    open_it(-1, &h);
    open_it(proc, (void *)8);
    open_it(-1, (void *)8);
    h.size = 0;
    open_it(proc, &h);
    open_it(-1, &h);
    h.size = 129;
    open_it(proc, &h);
    h.size = 8;
    pid_t child = fork();
    if (!child) {
        NEED(!setuid(1000));
        open_it(proc, &h);
        open_it(-1, &h);
        h.size = 0;
        open_it(proc, &h);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return 0;
}
