// SPDX-License-Identifier: MIT
//
// A program that is started without a name has an empty one. And what /proc says of a pidfd.
//
// since: Linux 5.18
#include "conform.h"
#include <sys/wait.h>

static void start(const char *self, char **arguments, char **environment)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (!pid) {
        execve(self, arguments, environment);
        _exit(98);
    }
    NEED(waitpid(pid, &status, 0) == pid);
    printf("status %x\n", status);
}

static void about(int fd, pid_t pid)
{
    char path[64], line[128];
    int shown = 0;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    FILE *f = fopen(path, "r");
    NEED(f);
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "Pid: %d", &shown) == 1)
            printf("Pid %s\n", shown == pid ? "of the child" : shown == -1 ? "-1" : "of another");
    fclose(f);
}

static void pidfd(void)
{
    pid_t pid = fork();
    if (!pid)
        _exit(0);
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    NEED(fd >= 0);
    about(fd, pid);
    NEED(waitpid(pid, NULL, 0) == pid);
    about(fd, pid);
}

int main(int argc, char **argv, char **environment)
{
    if (argc == 1 && !*argv[0]) {
        printf("an empty name, %s\n", argv[1] ? "and more" : "no more");
        for (char **e = environment; *e; e++)
            if (strncmp(*e, "MYST_", 5)) // which the kernel adds
                puts(*e);
        fflush(stdout);
        return 3;
    }
    char self[4096], *none[] = {NULL}, *some[] = {"WHAT=this", NULL};
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    NEED(n > 0);
    self[n] = 0;
    begin(argv);
    start(self, none, some);
    start(self, NULL, none);
    start(self, NULL, some);
    pidfd();
    return 0;
}
