// SPDX-License-Identifier: MIT
//
// execve: arguments, environment, name, descriptors and signals over the change of program.
#include "conform.h"

extern char **environ;

static int second(int argc, char **argv)
{
    printf("argv[0] [%s]\n", argv[0]);
    for (int i = 3; i < argc; i++)
        printf("argument [%s]\n", argv[i]);
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "MYST_TARGET=", 12)) // Mystikos adds it always
            printf("environment [%s]\n", *e);
    printf("descriptors:");
    for (int fd = 3; fd < 20; fd++)
        printf("%s", fcntl(fd, F_GETFD) < 0 ? " -" : " open");
    printf("\n");
    char c = '?';
    TRY(read(10, &c, 1));
    printf("%c\n", c);
    struct sigaction act;
    NEED(!sigaction(SIGUSR1, NULL, &act));
    IS(act.sa_handler == SIG_DFL); // was handled
    NEED(!sigaction(SIGUSR2, NULL, &act));
    IS(act.sa_handler == SIG_IGN); // stays ignored
    sigset_t set;
    NEED(!sigprocmask(SIG_BLOCK, NULL, &set));
    IS(sigismember(&set, SIGHUP) && !sigismember(&set, SIGINT)); // the mask stays
    NEED(!sigpending(&set));
    IS(sigismember(&set, SIGHUP)); // what is pending stays
    printf("umask %o\n", umask(0));
    printf("pid %s\n", getpid() == atoi(argv[2]) ? "kept" : "changed");
    stack_t stack;
    NEED(!sigaltstack(NULL, &stack));
    IS(stack.ss_flags == SS_DISABLE);
    return 42;
}

static void handler(int sig)
{
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        begin((char *[]){argv[0], NULL});
        return second(argc, argv);
    }
    begin(argv);
    write_file("f", "abc");
    int fd = open("f", O_RDONLY);
    NEED(dup2(fd, 10) == 10 && dup3(fd, 12, O_CLOEXEC) == 12 && read(fd, &(char){0}, 1) == 1);
    close(fd);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    static char other[65536];
    sigaltstack(&(stack_t){.ss_sp = other, .ss_size = sizeof(other)}, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGHUP);
    umask(031);
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", getpid());
    TRY(execve("none", argv, environ));
    TRY(execve("f", argv, environ)); // not executable
    NEED(!chmod("f", 0755));
    TRY(execve("f", argv, environ)); // no program
    write_file("empty", "");
    NEED(!chmod("empty", 0755));
    TRY(execve("empty", argv, environ));
    TRY(execve(".", argv, environ));
    TRY(execve("f/x", argv, environ));
    TRY(execve((char *)8, argv, environ));
    TRY(execve(argv[0], (char **)8, environ));
    TRY(execve(argv[0], (char *[]){(char *)8, NULL}, environ));
    char *args[] = {"any name", argv[1], pid, "", "a b\n", "last", NULL};
    char *envs[] = {"A=1", "EMPTY=", "no equals sign", NULL};
    execve(argv[0], args, envs);
    printf("execve: %s\n", errno_name(errno));
    return 1;
}
