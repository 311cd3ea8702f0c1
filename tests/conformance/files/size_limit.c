// SPDX-License-Identifier: MIT
//
// RLIMIT_FSIZE and SIGXFSZ.
#include "conform.h"
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

static int signals;

static void on_signal(int sig)
{
    signals++;
}

static void show(int fd)
{
    struct stat st;
    NEED(!fstat(fd, &st));
    printf("size %lld, signals %d\n", (long long)st.st_size, signals);
}

int main(int argc, char **argv)
{
    static char many[4096];
    begin(argv);
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    NEED(fd >= 0 && write(fd, many, 50) == 50);
    struct rlimit limit = {100, RLIM_INFINITY};
    TRY(setrlimit(RLIMIT_FSIZE, &limit));
    signal(SIGXFSZ, on_signal);
    TRY(write(fd, many, 40));
    show(fd);
    TRY(write(fd, many, 40)); // what still fits
    show(fd);
    TRY(write(fd, many, 1));
    show(fd);
    TRY(write(fd, many, 0));
    TRY(pwrite(fd, many, 10, 95));
    TRY(pwrite(fd, many, 10, 100));
    TRY(pwrite(fd, many, 10, 5000));
    struct iovec v[2] = {{many, 60}, {many, 60}};
    TRY(pwritev(fd, v, 2, 0));
    show(fd);
    TRY(ftruncate(fd, 100));
    TRY(ftruncate(fd, 101));
    TRY(truncate("file", 1000));
    show(fd);
    TRY(ftruncate(fd, 10));
    TRY(posix_fallocate(fd, 0, 200));
    show(fd);
    int other = open("file", O_WRONLY | O_APPEND);
    TRY(write(other, many, 200));
    TRY(write(other, many, 200));
    show(fd);
    // larger already: it may shrink, not grow, and what is there may be written over below the limit only
    limit.rlim_cur = 20;
    TRY(setrlimit(RLIMIT_FSIZE, &limit));
    TRY(ftruncate(fd, 90));
    TRY(pwrite(fd, many, 30, 5));
    TRY(pwrite(fd, many, 30, 40));
    show(fd);
    int p[2];
    NEED(!pipe(p));
    TRY(write(p[1], many, 100)); // no file
    int out = open("copy", O_WRONLY | O_CREAT, 0644);
    TRY(write(out, many, 4096));
    signal(SIGXFSZ, SIG_IGN);
    TRY(write(out, many, 4096));
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        signal(SIGXFSZ, SIG_DFL);
        (void)write(out, many, 1);
        _exit(0);
    }
    int status;
    NEED(waitpid(pid, &status, 0) == pid);
    printf("killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return 0;
}
