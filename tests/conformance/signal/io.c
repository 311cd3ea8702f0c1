// SPDX-License-Identifier: MIT
//
// Signal-driven I/O: O_ASYNC, FIOASYNC, owners, F_SETSIG.
#include "conform.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

static sigset_t set;

static void wait_for(const char *what)
{
    siginfo_t info;
    int sig = sigtimedwait(&set, &info, &(struct timespec){60, 0});
    printf("%s: signal %s", what, sig == SIGIO ? "SIGIO" : sig == SIGRTMIN + 3 ? "chosen" : sig == SIGURG ? "SIGURG" : "other");
    if (sig == SIGRTMIN + 3)
        printf(" code %d band %lx fd %d", info.si_code, info.si_band, info.si_fd);
    printf("\n");
}

static void nothing(const char *what)
{
    printf("%s: %s\n", what, sigtimedwait(&set, NULL, &(struct timespec){0, 30000000}) == -1 ? errno_name(errno) : "a signal");
}

static void forget(void)
{
    while (sigtimedwait(&set, NULL, &(struct timespec){0, 20000000}) > 0)
        ;
}

static void owners(int fd)
{
    struct f_owner_ex owner = {F_OWNER_TID, gettid()};
    TRY(fcntl(fd, F_GETOWN));
    TRY(fcntl(fd, F_SETOWN, 999999));
    TRY(fcntl(fd, F_SETOWN, getpid()));
    IS(fcntl(fd, F_GETOWN) == getpid());
    TRY(fcntl(fd, F_SETOWN, -getpgrp()));
    IS(fcntl(fd, F_GETOWN) == -getpgrp());
    TRY(fcntl(fd, F_GETOWN_EX, &owner));
    IS(owner.type == F_OWNER_PGRP && owner.pid == getpgrp());
    owner = (struct f_owner_ex){F_OWNER_TID, gettid()};
    TRY(fcntl(fd, F_SETOWN_EX, &owner));
    owner.type = 77;
    TRY(fcntl(fd, F_SETOWN_EX, &owner));
    TRY(fcntl(fd, F_GETOWN_EX, &owner));
    IS(owner.type == F_OWNER_TID && owner.pid == gettid());
    TRY(fcntl(fd, F_GETOWN_EX, NULL));
    TRY(fcntl(fd, F_SETOWN, 0));
    TRY(fcntl(fd, F_GETOWN));
    TRY(fcntl(fd, F_GETSIG));
    TRY(fcntl(fd, F_SETSIG, 65));
    TRY(fcntl(fd, F_SETSIG, SIGUSR1));
    IS(fcntl(fd, F_GETSIG) == SIGUSR1);
    TRY(fcntl(fd, F_SETSIG, 0));
}

static void sockets(void)
{
    int s[2], on = 1;
    char c;
    NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    owners(s[0]);
    TRY(ioctl(s[0], FIOASYNC, NULL));
    TRY(ioctl(s[0], FIOASYNC, &on));
    IS(fcntl(s[0], F_GETFL) & O_ASYNC);
    NEED(write(s[1], "a", 1) == 1);
    nothing("nobody's");
    TRY(fcntl(s[0], F_SETOWN, getpid()));
    NEED(write(s[1], "b", 1) == 1);
    wait_for("written");
    TRY(fcntl(s[0], F_SETSIG, SIGRTMIN + 3));
    NEED(write(s[1], "c", 1) == 1);
    wait_for("written again");
    NEED(read(s[0], &c, 1) == 1 && c == 'a');
    forget();
    on = 0;
    TRY(ioctl(s[0], FIOASYNC, &on));
    IS(fcntl(s[0], F_GETFL) & O_ASYNC);
    NEED(write(s[1], "d", 1) == 1);
    nothing("off");
    close(s[0]);
    close(s[1]);
}

static void pipes(void)
{
    int p[2];
    NEED(!pipe(p));
    TRY(fcntl(p[0], F_SETFL, O_ASYNC));
    TRY(fcntl(p[0], F_SETOWN, -getpgrp()));
    TRY(fcntl(p[0], F_SETSIG, SIGRTMIN + 3));
    NEED(write(p[1], "a", 1) == 1);
    wait_for("pipe");
    int copy = dup(p[0]);
    NEED(write(p[1], "b", 1) == 1);
    wait_for("with a copy");
    close(p[0]);
    NEED(write(p[1], "b", 1) == 1);
    wait_for("closed, the copy is left");
    forget();
    pid_t child = fork();
    if (!child) {
        NEED(!fcntl(copy, F_SETOWN, getpid()));
        NEED(write(p[1], "c", 1) == 1);
        wait_for("in the child");
        _exit(0);
    }
    NEED(waitpid(child, NULL, 0) == child);
    NEED(write(p[1], "d", 1) == 1);
    nothing("its owner is gone");
    TRY(fcntl(copy, F_SETOWN, getpid()));
    close(copy);
    signal(SIGPIPE, SIG_IGN);
    TRY(write(p[1], "e", 1));
    nothing("nobody has it open");
    close(p[1]);
}

static void others(void)
{
    int on = 1, file = open("file", O_RDWR | O_CREAT, 0600);
    TRY(fcntl(file, F_SETFL, O_ASYNC));
    IS(fcntl(file, F_GETFL) & O_ASYNC);
    TRY(ioctl(file, FIOASYNC, &on));
    TRY(fcntl(file, F_SETOWN, getpid()));
    IS(fcntl(file, F_GETOWN) == getpid());
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!setpgid(0, 0) || getpgrp() == getpid()); // a signal to the group is for this program alone
    sigemptyset(&set);
    sigaddset(&set, SIGIO);
    sigaddset(&set, SIGURG);
    sigaddset(&set, SIGRTMIN + 3);
    NEED(!sigprocmask(SIG_BLOCK, &set, NULL));
    sockets();
    pipes();
    others();
    return 0;
}
