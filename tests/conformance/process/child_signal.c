// SPDX-License-Identifier: MIT
//
// SIGCHLD, and children nobody waits for.
#include "conform.h"
#include <sys/wait.h>

static volatile int signals;
static siginfo_t last;

static void handler(int sig, siginfo_t *info, void *context)
{
    signals++;
    last = *info;
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGCHLD, &act, NULL);
    pid_t p = fork();
    if (!p)
        _exit(4);
    while (!signals)
        usleep(1000);
    IS(last.si_pid == p);
    printf("code %d status %d\n", last.si_code, last.si_status);
    int status;
    IS(waitpid(p, &status, 0) == p);
    signal(SIGCHLD, SIG_IGN);
    p = fork();
    if (!p)
        _exit(4);
    TRY(waitpid(p, &status, 0)); // no zombie is left; this waits for the end
    // An orphan gets another parent.
    int pipes[2];
    NEED(!pipe(pipes));
    p = fork();
    if (!p) {
        if (!fork()) {
            pid_t parent = getppid();
            for (int i = 0; i < 1000 && getppid() == parent; i++)
                usleep(1000);
            NEED(write(pipes[1], "x", 1) == 1);
            _exit(0);
        }
        usleep(10000);
        _exit(0);
    }
    char c;
    TRY(read(pipes[0], &c, 1));
    return 0;
}
