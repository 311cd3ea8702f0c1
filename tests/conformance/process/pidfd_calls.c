// SPDX-License-Identifier: MIT
//
// pidfd_getfd, process_madvise, process_mrelease.
// needs: root
// since: Linux 6.13
#include "conform.h"
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define GETFD(pidfd, fd, flags) syscall(SYS_pidfd_getfd, pidfd, fd, flags)
#define MADVISE(pidfd, v, count, advice, flags) syscall(SYS_process_madvise, pidfd, v, count, advice, flags)
#define MRELEASE(pidfd, flags) syscall(448, pidfd, flags)

static int pipe_of[2], started[2];
static struct iovec memory;

static _Noreturn void child(void)
{
    dup2(pipe_of[1], 50);
    write(started[1], "x", 1);
    pause();
    _exit(0);
}

static void descriptors(int p)
{
    char b[4];
    int fd = GETFD(p, 50, 0);
    IS(fd >= 0);
    TRY(fcntl(fd, F_GETFD));
    TRY(write(fd, "ab", 2));
    TRY(read(pipe_of[0], b, 4));
    TRY(GETFD(p, 49, 0));
    TRY(GETFD(p, -1, 0));
    TRY(GETFD(p, 50, 1));
    TRY(GETFD(-1, 50, 0));
    TRY(GETFD(pipe_of[0], 50, 0));
}

static void advice(int p)
{
    struct iovec nowhere = {(void *)0x10000, 4096};
    TRY(MADVISE(p, &memory, 1, MADV_COLD, 0));
    TRY(MADVISE(p, &memory, 1, MADV_PAGEOUT, 0));
    TRY(MADVISE(p, &memory, 1, MADV_WILLNEED, 0));
    TRY(MADVISE(p, &memory, 1, MADV_DONTNEED, 0));
    TRY(MADVISE(p, &memory, 1, MADV_COLD, 1));
    TRY(MADVISE(p, &memory, 2000, MADV_COLD, 0));
    TRY(MADVISE(p, &memory, 0, MADV_COLD, 0));
    TRY(MADVISE(p, 8, 1, MADV_COLD, 0));
    TRY(MADVISE(p, &nowhere, 1, MADV_COLD, 0));
    TRY(MADVISE(-1, &memory, 1, MADV_COLD, 0));
    TRY(MADVISE(pipe_of[0], &memory, 1, MADV_COLD, 0));
}

static void others(int p)
{
    int status;
    if (!fork()) {
        NEED(!setresuid(1, 1, 1));
        TRY(GETFD(p, 50, 0));
        TRY(MADVISE(p, &memory, 1, MADV_COLD, 0));
        exit(0);
    }
    wait(&status);
}

int main(int argc, char **argv)
{
    char x;
    begin(argv);
    NEED(!pipe(pipe_of) && !pipe(started));
    memory = (struct iovec){mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192};
    pid_t pid = fork();
    if (!pid)
        child();
    NEED(read(started[0], &x, 1) == 1);
    int p = syscall(SYS_pidfd_open, pid, 0);
    descriptors(p);
    advice(p);
    others(p);
    TRY(MRELEASE(p, 0));
    TRY(MRELEASE(p, 1));
    TRY(MRELEASE(-1, 0));
    TRY(MRELEASE(pipe_of[0], 0));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    TRY(MRELEASE(p, 0));
    TRY(GETFD(p, 50, 0));
    TRY(MADVISE(p, &memory, 1, MADV_COLD, 0));
    return 0;
}
