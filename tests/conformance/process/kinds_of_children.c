// SPDX-License-Identifier: MIT
//
// Children that end with another signal or none (__WCLONE, __WALL), and waiting through a pidfd.
#include "conform.h"
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static pid_t child(unsigned long flags, int code)
{
    pid_t pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
    if (!pid)
        _exit(code);
    return pid;
}

static void kinds(void)
{
    int status;
    signal(SIGUSR1, SIG_IGN);
    pid_t silent = child(0, 1);
    IS(waitpid(silent, &status, 0) == -1 && errno == ECHILD);
    IS(waitpid(-1, &status, 0) == -1 && errno == ECHILD);
    IS(waitpid(silent, &status, __WCLONE) == silent);
    pid_t other = child(SIGUSR1, 2);
    IS(waitpid(other, &status, 0) == -1 && errno == ECHILD);
    IS(waitpid(other, &status, __WALL) == other);
    pid_t usual = child(SIGCHLD, 3);
    IS(waitpid(usual, &status, __WCLONE) == -1 && errno == ECHILD);
    IS(waitpid(usual, &status, 0) == usual);
    TRY(waitpid(0x80000000, &status, WNOHANG));
}

static void by_pidfd(void)
{
    siginfo_t i = {0};
    pid_t pid = fork();
    if (!pid)
        for (;;)
            pause();
    int fd = syscall(SYS_pidfd_open, pid, 0), quiet = syscall(SYS_pidfd_open, pid, O_NONBLOCK);
    TRY(waitid(P_PIDFD, -1, &i, WEXITED));
    TRY(waitid(P_PIDFD, 0, &i, WEXITED));
    TRY(waitid(P_PIDFD, 999, &i, WEXITED));
    TRY(waitid(P_PIDFD, fd, &i, WEXITED | WNOHANG));
    TRY(waitid(P_PIDFD, quiet, &i, WEXITED));
    TRY(waitid(P_PIDFD, quiet, &i, WEXITED | WNOHANG));
    kill(pid, SIGTERM);
    TRY(waitid(P_PIDFD, fd, &i, WEXITED));
    printf("%d %d %d\n", i.si_pid == pid, i.si_code, i.si_status);
    TRY(waitid(P_PIDFD, fd, &i, WEXITED));
}

int main(int argc, char **argv)
{
    begin(argv);
    kinds();
    by_pidfd();
    return 0;
}
