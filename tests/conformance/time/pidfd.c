// SPDX-License-Identifier: MIT
//
// pidfd_open, pidfd_send_signal, poll on the end of a process.
#include "conform.h"
#include <poll.h>
#include <sched.h>
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

struct arguments { // struct clone_args, which older headers lack
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};
enum { WITH_PIDFD = 0x1000 };
#define CLEAR_HANDLERS 0x100000000ul

static long clone3(uint64_t flags, int *fd)
{
    const struct arguments a = {.flags = flags, .pidfd = (uintptr_t)fd, .exit_signal = SIGCHLD};
    return syscall(435, &a, sizeof(a));
}

static void ends(pid_t pid, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    TRY(poll(&p, 1, 60000));
    TRY(fcntl(fd, F_GETFD));
    NEED(waitpid(pid, NULL, WNOHANG) == pid);
    TRY(poll(&p, 1, 0));
    close(fd);
}

// A descriptor that comes with the process.
static void with_clone(void)
{
    int fd = -1, highest = dup(1);
    close(highest); // what is free next
    pid_t pid = (pid_t)clone3(WITH_PIDFD, &fd);
    if (!pid)
        _exit(fcntl(highest, F_GETFD) >= 0); // it does not have it itself
    IS(pid > 0 && fd == highest);
    ends(pid, fd);
    pid = (pid_t)syscall(SYS_clone, WITH_PIDFD | SIGCHLD, NULL, &fd, NULL, 0);
    if (!pid)
        _exit(0);
    IS(pid > 0);
    ends(pid, fd);
    TRY(syscall(SYS_clone, WITH_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, NULL, &fd, NULL, 0));
    TRY(clone3(WITH_PIDFD, (int *)8));
    TRY(waitpid(-1, NULL, 0));
    TRY(clone3(1ul << 40, NULL));
    TRY(clone3(SIGCHLD, NULL));
    TRY(clone3(CLEAR_HANDLERS | CLONE_SIGHAND | CLONE_VM, NULL));
    // Handlers are gone, what is ignored stays so.
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    pid = (pid_t)clone3(CLEAR_HANDLERS, NULL);
    if (!pid) {
        struct sigaction one, two;
        NEED(!sigaction(SIGUSR1, NULL, &one) && !sigaction(SIGUSR2, NULL, &two));
        _exit((one.sa_handler == SIG_DFL) + 2 * (two.sa_handler == SIG_IGN));
    }
    int status;
    NEED(waitpid(pid, &status, 0) == pid);
    printf("handlers %d\n", WEXITSTATUS(status));
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
    TRY(poll(&p, 1, 60000));
    IS(p.revents == POLLIN);
    TRY(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0)); // a zombie
    int status = 0;
    IS(waitpid(child, &status, WNOHANG) == child);
    IS(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    TRY(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
    with_clone();
    return 0;
}
