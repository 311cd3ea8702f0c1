// SPDX-License-Identifier: MIT
//
// Ends of parents: PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER; and the other switches of prctl that a child has from its parent.
#include "conform.h"
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

// The grandchild reports over the pipe after its parent has ended.
static void orphan(int report, int death_signal)
{
    if (fork())
        return;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    prctl(PR_SET_PDEATHSIG, death_signal);
    pid_t parent = getppid();
    NEED(write(report, "r", 1) == 1);
    siginfo_t info;
    bool told = death_signal && sigwaitinfo(&set, &info) == SIGUSR1 && info.si_pid == parent && info.si_code == SI_USER;
    while (getppid() == parent)
        usleep(1000);
    _exit(told ? 7 : 8);
}

static void family(int death_signal)
{
    int pipes[2], status;
    char c;
    NEED(!pipe(pipes));
    fflush(stdout);
    pid_t p = fork();
    if (!p) {
        orphan(pipes[1], death_signal);
        NEED(read(pipes[0], &c, 1) == 1);
        _exit(3);
    }
    IS(waitpid(p, &status, 0) == p && WEXITSTATUS(status) == 3);
    pid_t q = wait(&status); // the orphan is ours now
    IS(q > 0 && q != p);
    printf("orphan: exit %d\n", WEXITSTATUS(status));
    TRY(wait(&status));
}

int main(int argc, char **argv)
{
    begin(argv);
    int on = -1, sig = -1;
    TRY(prctl(PR_GET_CHILD_SUBREAPER, &on));
    printf("%d\n", on);
    TRY(prctl(PR_SET_CHILD_SUBREAPER, 1));
    TRY(prctl(PR_GET_CHILD_SUBREAPER, &on));
    printf("%d\n", on);
    family(0);
    family(SIGUSR1);
    TRY(prctl(PR_SET_PDEATHSIG, 65));
    TRY(prctl(PR_SET_PDEATHSIG, SIGHUP));
    TRY(prctl(PR_SET_KEEPCAPS, 1));
    TRY(prctl(PR_SET_KEEPCAPS, 2));
    TRY(prctl(PR_SET_TIMERSLACK, 1234));
    TRY(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    TRY(prctl(PR_SET_THP_DISABLE, 1, 1, 0, 0));
    fflush(stdout);
    pid_t p = fork();
    if (!p) {
        TRY(prctl(PR_GET_PDEATHSIG, &sig));
        TRY(prctl(PR_GET_CHILD_SUBREAPER, &on));
        printf("%d %d\n", sig, on);
        TRY(prctl(PR_GET_KEEPCAPS));
        TRY(prctl(PR_GET_TIMERSLACK));
        TRY(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
        TRY(prctl(PR_SET_TIMERSLACK, 0));
        int *address = NULL;
        TRY(prctl(PR_GET_TID_ADDRESS, &address));
        IS(address && *address == getpid());
        fflush(stdout);
        _exit(0);
    }
    waitpid(p, NULL, 0);
    return 0;
}
