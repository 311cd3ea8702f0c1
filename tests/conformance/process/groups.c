// SPDX-License-Identifier: MIT
//
// setpgid, getpgid, setsid, getsid: who may put whom where.
#include "conform.h"
#include <sys/wait.h>

static pid_t start(void)
{
    pid_t p = fork();
    if (!p)
        for (;;)
            pause();
    return p;
}

static void end(pid_t p)
{
    kill(p, SIGKILL);
    waitpid(p, NULL, 0);
}

static void children(void)
{
    pid_t a = start(), b = start();
    IS(getpgid(a) == getpgrp() && getsid(a) == getsid(0));
    TRY(setpgid(a, a));
    IS(getpgid(a) == a);
    TRY(setpgid(b, a));
    IS(getpgid(b) == a);
    TRY(setpgid(a, b));
    TRY(setpgid(b, 0));
    IS(getpgid(b) == b);
    TRY(setpgid(a, -1));
    TRY(setpgid(a, 0x7ffffff));
    TRY(setpgid(-1, 0));
    TRY(setpgid(0x7ffffff, 0));
    TRY(setpgid(getppid(), 0));
    TRY(getpgid(0x7ffffff));
    TRY(getsid(0x7ffffff));
    end(a);
    end(b);
}

static void grandchildren(void)
{
    int ends[2];
    pid_t grandchild;
    pipe(ends);
    pid_t p = fork();
    if (!p) {
        pid_t g = start();
        write(ends[1], &g, sizeof(g));
        waitpid(g, NULL, 0);
        _exit(0);
    }
    read(ends[0], &grandchild, sizeof(grandchild));
    TRY(setpgid(grandchild, grandchild));
    kill(grandchild, SIGKILL);
    waitpid(p, NULL, 0);
}

static void sessions(void)
{
    int ends[2];
    char c;
    pipe(ends);
    pid_t p = fork();
    if (!p) {
        IS(setsid() == getpid());
        TRY(setsid());
        IS(getpgrp() == getpid() && getsid(0) == getpid());
        TRY(setpgid(0, 0));
        TRY(setpgid(0, getppid()));
        write(ends[1], "x", 1);
        for (;;)
            pause();
    }
    read(ends[0], &c, 1);
    TRY(setpgid(p, p));
    TRY(setpgid(p, getpgrp()));
    end(p);
    p = fork();
    if (!p) {
        setpgid(0, 0);
        TRY(setsid());
        _exit(0);
    }
    waitpid(p, NULL, 0);
}

// A parent moves its children before they execute another program, not after.
static void executed(char **argv)
{
    int ends[2];
    char c;
    pipe(ends);
    pid_t p = fork();
    if (!p) {
        dup2(ends[1], 1);
        execl("/proc/self/exe", argv[0], argv[1], "wait", NULL);
        _exit(1);
    }
    read(ends[0], &c, 1);
    TRY(setpgid(p, p));
    end(p);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        write(1, "x", 1);
        for (;;)
            pause();
    }
    begin(argv);
    children();
    grandchildren();
    sessions();
    executed(argv);
    return 0;
}
