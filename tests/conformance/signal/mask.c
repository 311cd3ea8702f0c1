// SPDX-License-Identifier: MIT
//
// Blocking, pending, delivery after unblocking, order.
#include "asleep.h"
#include "conform.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>

static void handler(int sig, siginfo_t *info, void *context)
{
    printf("signal %d value %d\n", sig >= SIGRTMIN ? sig - SIGRTMIN + 1000 : sig,
           info->si_code == SI_QUEUE ? info->si_value.sival_int : -1);
}

static long wait_by(int how, const sigset_t *mask)
{
    const struct timespec soon = {.tv_nsec = 1000000};
    struct epoll_event event;
    static int epoll = -1;
    if (epoll < 0)
        NEED((epoll = epoll_create1(0)) >= 0);
    switch (how) {
    case 0:
        return ppoll(NULL, 0, &soon, mask);
    case 1:
        return pselect(0, NULL, NULL, NULL, &soon, mask);
    case 2:
        return epoll_pwait(epoll, &event, 1, 1, mask);
    default:
        return epoll_pwait(epoll, NULL, 0, 1, mask); // EINVAL, with the mask changed already or not
    }
}

// Waits with a mask of its own that end without a signal: the mask from before is back, and what that lets in comes.
static void masks_of_waits(void)
{
    sigset_t mask, before, after;
    for (int how = 0; how < 4; how++) {
        sigemptyset(&mask);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        sigaddset(&mask, SIGUSR1);
        sigprocmask(SIG_BLOCK, &mask, &before); // once it is in force, it is there when the wait begins
        raise(SIGUSR1);
        sigaddset(&mask, SIGUSR2);
        TRY(wait_by(how, &mask));
        sigprocmask(SIG_BLOCK, NULL, &after);
        IS(sigismember(&after, SIGUSR1) && !sigismember(&after, SIGUSR2));
        TRY(wait_by(how, &mask));
        TRY(wait_by(how, &before)); // EINTR, and the handler runs
        sigprocmask(SIG_SETMASK, &before, NULL);
    }
}

// Comes from another process while the wait blocks it.
static void signal_in_wait(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    pid_t parent = getpid(), child;
    int ends[2];
    NEED(!pipe(ends) && (child = fork()) >= 0);
    if (!child) {
        until_sleeps(parent);
        kill(parent, SIGUSR1);
        usleep(20000);
        _exit(write(ends[1], "x", 1) != 1);
    }
    struct pollfd end_of_wait = {.fd = ends[0], .events = POLLIN};
    TRY(ppoll(&end_of_wait, 1, NULL, &mask));
    printf("after the wait\n");
    NEED(waitpid(child, NULL, 0) == child);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigfillset(&act.sa_mask);
    sigset_t set, old, pending;
    sigemptyset(&set);
    int all[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGRTMIN + 1, SIGRTMIN + 2};
    for (int i = 0; i < 5; i++) {
        sigaction(all[i], &act, NULL);
        sigaddset(&set, all[i]);
    }
    TRY(sigprocmask(SIG_BLOCK, &set, &old));
    IS(!sigismember(&old, SIGUSR1));
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1); // once
    for (int i = 0; i < 3; i++) {
        TRY(sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = 20 + i}));
        TRY(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 10 + i}));
    }
    TRY(sigqueue(getpid(), SIGHUP, (union sigval){.sival_int = 1}));
    TRY(sigqueue(getpid(), SIGHUP, (union sigval){.sival_int = 2})); // the first stays
    sigpending(&pending);
    IS(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGRTMIN + 1) && !sigismember(&pending, SIGTERM));
    TRY(sigprocmask(SIG_UNBLOCK, &set, NULL));
    sigpending(&pending);
    IS(!sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGRTMIN + 1));
    sigfillset(&set);
    TRY(sigprocmask(SIG_SETMASK, &set, NULL));
    sigprocmask(SIG_BLOCK, NULL, &old);
    IS(!sigismember(&old, SIGKILL) && !sigismember(&old, SIGSTOP) && sigismember(&old, SIGTERM));
    TRY(sigprocmask(99, &set, NULL));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 4));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8));
    TRY(syscall(SYS_rt_sigpending, &set, 16));
    // What is ignored is forgotten at once, pending or not.
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    sigpending(&pending);
    IS(!sigismember(&pending, SIGUSR1));
    sigaction(SIGUSR1, &act, NULL);
    masks_of_waits();
    signal_in_wait();
    return 0;
}
