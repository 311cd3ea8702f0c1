// SPDX-License-Identifier: MIT
//
// sigaction: flags, masks, what may not be handled.
#include "conform.h"

static int count, nested;
static volatile sig_atomic_t depth;

static void handler(int sig, siginfo_t *info, void *context)
{
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    depth++;
    printf("signal %d, code %d, blocked: itself %d, USR2 %d, TERM %d, depth %d\n", sig, info ? info->si_code : 99,
           sigismember(&set, sig), sigismember(&set, SIGUSR2), sigismember(&set, SIGTERM), depth);
    if (sig == SIGUSR1 && nested-- > 0)
        raise(SIGUSR1);
    depth--;
    count++;
}

static void plain(int sig)
{
    printf("plain %d\n", sig);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO}, old;
    sigaddset(&act.sa_mask, SIGUSR2);
    TRY(sigaction(SIGUSR1, &act, NULL));
    TRY(raise(SIGUSR1));
    TRY(sigaction(SIGUSR1, NULL, &old));
    IS(old.sa_sigaction == handler && (old.sa_flags & SA_SIGINFO) && sigismember(&old.sa_mask, SIGUSR2) &&
       !sigismember(&old.sa_mask, SIGHUP));
    nested = 1;
    TRY(raise(SIGUSR1)); // the second after the first
    act.sa_flags |= SA_NODEFER;
    sigaction(SIGUSR1, &act, NULL);
    nested = 2;
    TRY(raise(SIGUSR1)); // one within the other
    act.sa_flags |= (int)SA_RESETHAND;
    nested = 0;
    sigaction(SIGUSR1, &act, NULL);
    TRY(raise(SIGUSR1));
    sigaction(SIGUSR1, NULL, &old);
    IS(old.sa_handler == SIG_DFL && (old.sa_flags & SA_RESETHAND) && sigismember(&old.sa_mask, SIGUSR2)); // what else was set stays
    signal(SIGTERM, plain);
    TRY(raise(SIGTERM));
    TRY(raise(SIGTERM));
    signal(SIGTERM, SIG_IGN);
    TRY(raise(SIGTERM));
    TRY(raise(SIGCHLD)); // ignored by default
    TRY(raise(SIGURG));
    TRY(raise(SIGWINCH));
    TRY(raise(0));
    TRY(sigaction(SIGKILL, &act, NULL));
    TRY(sigaction(SIGSTOP, &act, NULL));
    TRY(sigaction(SIGKILL, NULL, &old));
    TRY(sigaction(65, &act, NULL));
    TRY(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, 8, 8));
    TRY(kill(getpid(), 65));
    TRY(kill(getpid(), -1));
    TRY(kill(999999, 0));
    TRY(kill(getpid(), 0));
    IS(!kill(1, 0) || errno == EPERM); // it is there
    printf("%d handled\n", count);
    return 0;
}
