// SPDX-License-Identifier: MIT
//
// pidfd_open, pidfd_send_signal, poll on the end of a process.
#include "conform.h"
#include <poll.h>
#include <sys/wait.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_send_signal 424
#define SYS_pidfd_open 434
#endif

static volatile sig_atomic_t seen;

static void handler(int sig)
{
    seen = sig;
}

int main(int argc, char **argv)
{
    begin(argv);
    TRY(syscall(SYS_pidfd_open, 0, 0));
    TRY(syscall(SYS_pidfd_open, -1, 0));
    TRY(syscall(SYS_pidfd_open, getpid(), 77));
    TRY(syscall(SYS_pidfd_open, 999999, 0));
    int own = (int)syscall(SYS_pidfd_open, getpid(), 0);
    NEED(own >= 0);
    TRY(fcntl(own, F_GETFD));
    signal(SIGUSR1, handler);
    TRY(syscall(SYS_pidfd_send_signal, own, SIGUSR1, NULL, 0));
    IS(seen == SIGUSR1);
    TRY(syscall(SYS_pidfd_send_signal, own, 0, NULL, 0));
    char folder[64];
    snprintf(folder, sizeof(folder), "/proc/%d", getpid());
    int by_name = open(folder, O_RDONLY | O_DIRECTORY), other = open("/proc", O_RDONLY | O_DIRECTORY);
    TRY(syscall(SYS_pidfd_send_signal, by_name, 0, NULL, 0));
    TRY(syscall(SYS_pidfd_send_signal, other, 0, NULL, 0));
    TRY(syscall(SYS_pidfd_send_signal, own, 99, NULL, 0));
    TRY(syscall(SYS_pidfd_send_signal, own, SIGUSR1, NULL, 77));
    TRY(syscall(SYS_pidfd_send_signal, 0, SIGUSR1, NULL, 0));
    TRY(syscall(SYS_pidfd_send_signal, 77, SIGUSR1, NULL, 0));
    siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};
    TRY(syscall(SYS_pidfd_send_signal, own, SIGUSR1, &info, 0));
    struct pollfd p = {.fd = own, .events = POLLIN};
    TRY(poll(&p, 1, 0));
    pid_t child = fork();
    if (!child) {
        for (;;)
            pause();
    }
    int fd = (int)syscall(SYS_pidfd_open, child, 0);
    NEED(fd >= 0);
    p.fd = fd;
    TRY(poll(&p, 1, 10));
    TRY(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
    TRY(poll(&p, 1, 5000));
    IS(p.revents == POLLIN);
    TRY(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0)); // a zombie
    int status = 0;
    IS(waitpid(child, &status, WNOHANG) == child);
    IS(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    TRY(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
    return 0;
}
