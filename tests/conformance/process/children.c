// SPDX-License-Identifier: MIT
//
// fork, wait, and what a child has of its own.
#include "conform.h"
#include <sys/resource.h>
#include <sys/wait.h>

static int variable = 1;

static pid_t start(int kind)
{
    pid_t p = fork();
    NEED(p >= 0);
    if (p)
        return p;
    switch (kind) {
    case 0:
        _exit(variable + 40);
    case 1:
        raise(SIGTERM);
        break;
    case 2:
        *(volatile int *)0 = 1;
        break;
    case 3:
        pause();
        break;
    }
    _exit(99);
}

static void show(const char *what, int status)
{
    if (WIFEXITED(status))
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: signal %d\n", what, WTERMSIG(status));
    else
        printf("%s: %x\n", what, status);
}

int main(int argc, char **argv)
{
    begin(argv);
    int status;
    write_file("f", "0123456789");
    int fd = open("f", O_RDWR);
    char *heap = malloc(100000), on_stack[100] = "parent";
    strcpy(heap, "parent");
    pid_t parent = getpid(), p = fork();
    NEED(p >= 0);
    if (!p) {
        IS(getppid() == parent && getpid() != parent && syscall(SYS_gettid) == getpid());
        variable = 2;
        strcpy(heap, "child");
        strcpy(on_stack, "child");
        IS(lseek(fd, 5, SEEK_SET) == 5);
        close(1);
        chdir("/");
        signal(SIGUSR1, SIG_IGN);
        umask(0);
        _exit(3);
    }
    IS(waitpid(p, &status, 0) == p);
    show("first", status);
    printf("%d %s %s, position %ld\n", variable, heap, on_stack, (long)lseek(fd, 0, SEEK_CUR));
    IS(!access("f", F_OK));
    printf("umask %o\n", umask(022));
    p = start(1);
    IS(waitpid(p, &status, 0) == p);
    show("terminated", status);
    p = start(2);
    IS(waitpid(p, &status, 0) == p);
    show("faulted", status & 0x7f);
    p = start(3);
    TRY(waitpid(p, &status, WNOHANG));
    TRY(kill(p, SIGKILL));
    IS(wait(&status) == p);
    show("killed", status);
    TRY(kill(p, 0));
    TRY(wait(&status));
    TRY(waitpid(p, &status, 0));
    TRY(waitpid(-1, &status, 0x1234));
    for (int i = 0; i < 5; i++)
        start(0);
    int sum = 0;
    for (int i = 0; i < 5; i++) {
        NEED(wait(&status) > 0);
        sum += WEXITSTATUS(status);
    }
    printf("sum %d\n", sum);
    p = start(0);
    siginfo_t info = {0};
    TRY(waitid(P_PID, (id_t)p, &info, WEXITED | WNOWAIT));
    IS(info.si_pid == p && info.si_signo == SIGCHLD);
    printf("code %d status %d\n", info.si_code, info.si_status);
    TRY(waitid(P_PID, (id_t)p, &info, WEXITED));
    TRY(waitid(P_PID, (id_t)p, &info, WEXITED));
    struct rusage usage;
    p = start(0);
    IS(wait4(p, &status, 0, &usage) == p);
    p = start(0);
    TRY(waitid(P_PID, (id_t)p, &info, WEXITED | WNOWAIT));
    TRY(waitid(P_PID, (id_t)p, &info, WSTOPPED | WNOHANG)); // it will never stop any more
    TRY(waitid(P_PID, (id_t)p, &info, WCONTINUED));
    TRY(waitid(P_PID, (id_t)p, &info, WEXITED));
    return 0;
}
