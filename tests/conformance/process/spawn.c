// SPDX-License-Identifier: MIT
//
// posix_spawn, vfork and system-like use: a program run by another, its output and status read.
#include "conform.h"
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
    begin((char *[]){argv[0], NULL});
    if (argc > 2) {
        printf("child %s %s\n", argv[2], getenv("NAME") ? getenv("NAME") : "-");
        return atoi(argv[2]);
    }
    int pipes[2], status;
    NEED(!pipe(pipes));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    pid_t p;
    RETURNS(posix_spawn(&p, argv[0], &actions, NULL, (char *[]){argv[0], argv[1], "7", NULL}, (char *[]){"NAME=value", NULL}));
    close(pipes[1]);
    char text[200] = "";
    NEED(read(pipes[0], text, sizeof(text) - 1) > 0);
    printf("read: %s", text);
    NEED(waitpid(p, &status, 0) == p);
    printf("exit %d\n", WEXITSTATUS(status));
    RETURNS(posix_spawn(&p, "/nowhere", NULL, NULL, argv, environ));
    p = vfork();
    if (!p) {
        execve(argv[0], (char *[]){argv[0], argv[1], "8", NULL}, environ);
        _exit(99);
    }
    NEED(waitpid(p, &status, 0) == p);
    printf("exit %d\n", WEXITSTATUS(status));
    p = vfork();
    if (!p)
        _exit(9);
    NEED(waitpid(p, &status, 0) == p);
    printf("exit %d\n", WEXITSTATUS(status));
    p = fork();
    if (!p) {
        execve(argv[0], (char *[]){argv[0], argv[1], "10", NULL}, environ);
        _exit(99);
    }
    NEED(waitpid(p, &status, 0) == p);
    printf("exit %d\n", WEXITSTATUS(status));
    return 0;
}
