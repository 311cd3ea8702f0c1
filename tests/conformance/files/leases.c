// SPDX-License-Identifier: MIT
//
// Leases (fcntl(2)): who gets one, who is told when somebody opens the file, and who waits.
#include "conform.h"
#include <sys/wait.h>

#define SHOW(value) printf(#value ": %d\n", (int)(value))

static volatile sig_atomic_t signals, last_code, last_fd;

static void note(int signum, siginfo_t *info, void *context)
{
    signals++;
    last_code = info->si_code;
    last_fd = info->si_fd;
}

static void may_have(void)
{
    int both = open("file", O_RDWR | O_CREAT, 0600), reader, p[2];
    NEED(both >= 0 && !pipe(p));
    TRY(fcntl(both, F_GETLEASE));
    TRY(fcntl(both, F_SETLEASE, F_RDLCK)); // it writes itself
    TRY(fcntl(both, F_SETLEASE, F_WRLCK));
    TRY(fcntl(both, F_GETLEASE));
    TRY(fcntl(both, F_SETLEASE, F_UNLCK));
    TRY(fcntl(both, F_SETLEASE, F_UNLCK));
    TRY(fcntl(both, F_SETLEASE, 9));
    reader = open("file", O_RDONLY);
    TRY(fcntl(both, F_SETLEASE, F_WRLCK)); // others have it open
    TRY(fcntl(reader, F_SETLEASE, F_RDLCK));
    close(both);
    TRY(fcntl(reader, F_SETLEASE, F_RDLCK));
    TRY(fcntl(reader, F_GETLEASE));
    TRY(fcntl(reader, F_SETLEASE, F_WRLCK));
    TRY(fcntl(reader, F_GETLEASE));
    close(reader); // and the lease with it
    reader = open("file", O_RDONLY);
    TRY(fcntl(reader, F_GETLEASE));
    close(reader);
    TRY(fcntl(p[0], F_SETLEASE, F_RDLCK));
    TRY(fcntl(p[0], F_GETLEASE));
    TRY(fcntl(open(".", O_RDONLY), F_SETLEASE, F_RDLCK));
}

static void told(int type, int flags)
{
    int fd = open("file", O_RDONLY);
    printf("a lease %d, an open %d\n", type, flags);
    signals = 0;
    TRY(fcntl(fd, F_SETLEASE, type));
    OK(open("file", flags | O_NONBLOCK));
    SHOW(signals);
    TRY(fcntl(fd, F_GETLEASE));
    OK(open("file", flags | O_NONBLOCK));
    SHOW(signals); // once is enough
    if (fcntl(fd, F_GETLEASE) == F_RDLCK && type == F_WRLCK)
        TRY(fcntl(fd, F_SETLEASE, F_RDLCK));
    OK(open("file", flags | O_NONBLOCK));
    TRY(fcntl(fd, F_SETLEASE, F_UNLCK));
    close(fd);
    for (int i = fd; i < fd + 10; i++)
        close(i);
}

static void with_information(void)
{
    int fd = open("file", O_RDONLY);
    TRY(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
    TRY(fcntl(fd, F_SETLEASE, F_RDLCK));
    signals = 0;
    TRY(open("file", O_WRONLY | O_NONBLOCK));
    IS(signals == 1 && last_code == 3 /* POLL_MSG */ && last_fd == fd);
    close(fd);
}

// Another process waits until the lease is given up.
static void waits(bool truncates)
{
    int fd = open("file", O_RDONLY), status;
    NEED(!fcntl(fd, F_SETLEASE, F_RDLCK));
    signals = 0;
    fflush(stdout);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (!pid) {
        close(fd);
        _exit(truncates ? truncate("file", 1) : open("file", O_WRONLY) < 0);
    }
    while (!signals)
        usleep(1000);
    TRY(waitpid(pid, &status, WNOHANG));
    TRY(fcntl(fd, F_GETLEASE));
    TRY(fcntl(fd, F_SETLEASE, F_UNLCK));
    NEED(waitpid(pid, &status, 0) == pid);
    SHOW(status);
    close(fd);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};
    NEED(!sigaction(SIGIO, &action, NULL) && !sigaction(SIGRTMIN + 1, &action, NULL));
    may_have();
    told(F_RDLCK, O_RDONLY);
    told(F_RDLCK, O_WRONLY);
    told(F_WRLCK, O_RDONLY);
    told(F_WRLCK, O_WRONLY);
    with_information();
    waits(false);
    waits(true);
    return 0;
}
