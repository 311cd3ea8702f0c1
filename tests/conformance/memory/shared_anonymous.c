// SPDX-License-Identifier: MIT
//
// Shared anonymous memory and memfd: seen by a child and by every mapping.
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
    begin(argv);
    int *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int *private = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(shared != MAP_FAILED && private != MAP_FAILED);
    shared[0] = private[0] = 1;
    pid_t child = fork();
    NEED(child >= 0);
    if (!child) {
        shared[0] = private[0] = 2;
        shared[1024] = 3; // untouched until now
        _exit(0);
    }
    NEED(waitpid(child, NULL, 0) == child);
    printf("shared %d %d, private %d\n", shared[0], shared[1024], private[0]);
    int fd = memfd_create("name", MFD_CLOEXEC);
    NEED(fd >= 0);
    TRY(ftruncate(fd, 8192));
    int *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int *b = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
    a[1500] = 77;
    IS(b[1500] == 77);
    int got = 0;
    TRY(pread(fd, &got, sizeof(got), 1500 * sizeof(int)));
    IS(got == 77);
    TRY(fcntl(fd, F_GETFD));
    TRY(memfd_create("name", 0x7000));
    return 0;
}
