// SPDX-License-Identifier: MIT
//
// Stop signals and SIGCONT: what they do when blocked, ignored, caught, pending; and in orphaned process groups.
#include "asleep.h"
#include "conform.h"
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t caught[65];

static void on_signal(int sig)
{
    caught[sig]++;
}

static void show(const char *what, pid_t child, int options)
{
    int status = 0;
    pid_t got = waitpid(child, &status, options);
    printf("%s: %s, status %x\n", what, got == child ? "child" : got == 0 ? "nothing" : errno_name(errno), status);
}

static void block(int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool is_pending(int sig)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, sig);
}

static const int stops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

static void each_stops(void)
{
    for (int i = 0; i < 4; i++) {
        pid_t p = fork();
        if (!p) {
            setpgid(0, 0);
            raise(stops[i]);
            _exit(1);
        }
        printf("signal %d ", stops[i]);
        show("stops", p, WUNTRACED);
        kill(p, SIGCONT);
        show("ends", p, 0);
    }
}

static void in_child(const char *name, void (*run)(void))
{
    printf("-- %s\n", name);
    pid_t p = fork();
    if (!p) {
        setpgid(0, 0);
        run();
        _exit(0);
    }
    int status;
    while (waitpid(p, &status, WUNTRACED) == p && WIFSTOPPED(status)) {
        printf("stopped %d\n", WSTOPSIG(status));
        kill(p, SIGCONT);
    }
    printf("end %x\n", status);
}

static void take_each_other_back(void)
{
    for (int i = 1; i < 4; i++)
        block(stops[i]);
    block(SIGCONT);
    for (int i = 1; i < 4; i++)
        kill(getpid(), stops[i]);
    IS(is_pending(SIGTSTP) && is_pending(SIGTTIN) && is_pending(SIGTTOU));
    kill(getpid(), SIGCONT);
    IS(is_pending(SIGTSTP) || is_pending(SIGTTIN) || is_pending(SIGTTOU));
    IS(is_pending(SIGCONT));
    raise(SIGTTIN);
    IS(is_pending(SIGTTIN));
    IS(is_pending(SIGCONT));
}

static void continues_though_blocked(void)
{
    block(SIGCONT);
    raise(SIGSTOP);
    IS(is_pending(SIGCONT));
}

static void continues_though_ignored(void)
{
    signal(SIGCONT, SIG_IGN);
    raise(SIGSTOP);
    IS(is_pending(SIGCONT));
}

static void continues_and_is_caught(void)
{
    signal(SIGCONT, on_signal);
    raise(SIGSTOP);
    TRY(caught[SIGCONT]);
    signal(SIGTSTP, on_signal);
    raise(SIGTSTP);
    TRY(caught[SIGTSTP]);
    signal(SIGTSTP, SIG_DFL);
    raise(SIGTSTP);
    TRY(caught[SIGCONT]);
}

static void cannot_be_stopped(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    TRY(sigaction(SIGSTOP, &(struct sigaction){.sa_handler = SIG_IGN}, NULL));
    raise(SIGSTOP);
    raise(SIGTSTP); // stays pending
    IS(is_pending(SIGTSTP));
}

static void unblocking_stops(void)
{
    sigset_t none;
    sigemptyset(&none);
    block(SIGTSTP);
    raise(SIGTSTP);
    printf("not yet\n");
    sigprocmask(SIG_SETMASK, &none, NULL);
    printf("after\n");
}

static void waited_for(void)
{
    sigset_t set;
    struct timespec t = {60, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t parent = getpid(), p = fork();
    if (!p) {
        until_sleeps(parent);
        kill(parent, SIGTSTP);
        _exit(0);
    }
    TRY(sigtimedwait(&set, NULL, &t));
    waitpid(p, NULL, 0);
}

static void handler_of_sleep(void)
{
    signal(SIGUSR1, on_signal);
    pid_t parent = getpid(), p = fork();
    if (!p) {
        until_sleeps(parent);
        kill(parent, SIGSTOP);
        usleep(50000);
        until_sleeps(parent);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    struct timespec t = {60, 0};
    TRY(nanosleep(&t, NULL));
    TRY(caught[SIGUSR1]);
    waitpid(p, NULL, 0);
}

// The grandchild's group loses its only link to the session when its parent ends.
static void orphans(void)
{
    int pipe_fd[2];
    char text[64];
    pipe(pipe_fd);
    pid_t middle = fork();
    if (!middle) {
        pid_t p = fork();
        if (!p) {
            setpgid(0, 0);
            signal(SIGHUP, on_signal);
            raise(SIGSTOP);
            int n = snprintf(text, sizeof(text), "SIGHUP %d", caught[SIGHUP]);
            raise(SIGTSTP); // nothing: the group is orphaned
            raise(SIGTTIN);
            raise(SIGTTOU);
            n += snprintf(text + n, sizeof(text) - n, ", not stopped");
            write(pipe_fd[1], text, n);
            _exit(0);
        }
        waitpid(p, NULL, WUNTRACED);
        _exit(0);
    }
    close(pipe_fd[1]);
    waitpid(middle, NULL, 0);
    ssize_t n = read(pipe_fd[0], text, sizeof(text));
    printf("orphan: %.*s\n", (int)n, text);
}

static void to_a_group(void)
{
    int status, stopped = 0;
    pid_t p[3];
    for (int i = 0; i < 3; i++) {
        p[i] = fork();
        if (!p[i]) {
            for (;;)
                pause();
        }
        setpgid(p[i], p[0]);
    }
    TRY(kill(-p[0], SIGTSTP));
    for (int i = 0; i < 3; i++)
        stopped += waitpid(-p[0], &status, WUNTRACED) > 0 && WIFSTOPPED(status);
    TRY(stopped);
    TRY(kill(-p[0], SIGCONT));
    for (int i = 0; i < 3; i++)
        stopped += waitpid(-p[0], &status, WCONTINUED) > 0 && WIFCONTINUED(status);
    TRY(stopped);
    TRY(kill(-p[0], SIGKILL));
    for (int i = 0; i < 3; i++)
        waitpid(p[i], &status, 0);
}

int main(int argc, char **argv)
{
    begin(argv);
    each_stops();
    in_child("take each other back", take_each_other_back);
    in_child("blocked", continues_though_blocked);
    in_child("ignored", continues_though_ignored);
    in_child("caught", continues_and_is_caught);
    in_child("SIGSTOP", cannot_be_stopped);
    in_child("unblocking", unblocking_stops);
    in_child("waited for", waited_for);
    in_child("in a sleep", handler_of_sleep);
    orphans();
    to_a_group();
    return 0;
}
