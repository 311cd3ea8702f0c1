// SPDX-License-Identifier: MIT
//
// Stopping and continuing children: what wait4, waitid, SIGCHLD and /proc say of it.
#include "asleep.h"
#include "conform.h"
#include <sys/wait.h>

static volatile int notices;
static siginfo_t last;

static void on_child(int sig, siginfo_t *info, void *context)
{
    last = *info;
    notices++;
}

static void show_wait(const char *what, pid_t child, int options)
{
    int status = 0;
    pid_t got = waitpid(child, &status, options);
    printf("%s: %s, status %x\n", what, got == child ? "child" : got == 0 ? "nothing" : errno_name(errno), status);
}

static void show_waitid(const char *what, pid_t child, int options)
{
    siginfo_t info;
    memset(&info, 0, sizeof(info));
    int r = waitid(P_PID, (id_t)child, &info, options);
    printf("%s: %s, pid %s, signo %d, code %d, status %d\n", what, r ? errno_name(errno) : "0", info.si_pid == child ? "right" : "0",
           info.si_signo, info.si_code, info.si_status);
}

static void await_notice(int before)
{
    while (notices == before)
        usleep(1000);
    printf("SIGCHLD: code %d, status %d\n", last.si_code, last.si_status);
}

static pid_t start(void (*run)(void))
{
    pid_t p = fork();
    NEED(p >= 0);
    if (!p) {
        run();
        _exit(7);
    }
    return p;
}

static int go[2];

static void stop_self(void)
{
    char c;
    raise(SIGSTOP);
    (void)!read(go[0], &c, 1);
}

static void sleep_long(void)
{
    for (;;)
        pause();
}

static volatile unsigned counter;

static void compute(void)
{
    for (;;)
        counter++;
}

static void by_itself(void)
{
    int before = notices;
    NEED(!pipe(go));
    pid_t p = start(stop_self);
    show_wait("stops itself", p, WUNTRACED);
    await_notice(before);
    show_wait("once", p, WUNTRACED | WNOHANG);
    printf("state %c\n", state_of(p));
    before = notices;
    TRY(kill(p, SIGCONT));
    show_wait("goes on", p, WCONTINUED);
    NEED(write(go[1], "x", 1) == 1);
    show_wait("ends", p, 0);
    IS(notices > before);
}

static void by_others(void (*run)(void), const char *name)
{
    printf("-- %s\n", name);
    pid_t p = start(run);
    for (int round = 0; round < 3; round++) {
        TRY(kill(p, SIGSTOP));
        show_waitid("looked at", p, WSTOPPED | WNOWAIT);
        show_waitid("stopped", p, WSTOPPED | WEXITED);
        show_waitid("again", p, WSTOPPED | WEXITED | WCONTINUED | WNOHANG);
        printf("state %c\n", state_of(p));
        TRY(kill(p, SIGCONT));
        show_waitid("not asked", p, WSTOPPED | WNOHANG);
        show_waitid("looked at", p, WCONTINUED | WNOWAIT);
        show_waitid("continued", p, WCONTINUED);
        show_waitid("again", p, WCONTINUED | WNOHANG);
    }
    TRY(kill(p, SIGSTOP));
    show_wait("stopped", p, WUNTRACED);
    TRY(kill(p, SIGTERM));
    show_wait("pending", p, WNOHANG | WUNTRACED | WCONTINUED);
    TRY(kill(p, SIGKILL));
    show_wait("killed", p, WUNTRACED | WCONTINUED);
    p = start(run);
    TRY(kill(p, SIGSTOP));
    show_wait("stopped", p, WUNTRACED);
    TRY(kill(p, SIGTERM));
    TRY(kill(p, SIGCONT));
    show_wait("terminated", p, 0);
}

static void quietly(void)
{
    struct sigaction a = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP};
    sigaction(SIGCHLD, &a, NULL);
    int before = notices;
    pid_t p = start(sleep_long);
    TRY(kill(p, SIGSTOP));
    show_wait("stopped", p, WUNTRACED);
    IS(notices == before);
    TRY(kill(p, SIGCONT));
    show_wait("continued", p, WCONTINUED);
    IS(notices == before);
    TRY(kill(p, SIGKILL));
    show_wait("killed", p, 0);
    await_notice(before);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction a = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGCHLD, &a, NULL);
    by_itself();
    signal(SIGCHLD, SIG_DFL);
    by_others(sleep_long, "asleep");
    by_others(compute, "computing");
    quietly();
    TRY(waitpid(-1, NULL, WUNTRACED));
    return 0;
}
