// SPDX-License-Identifier: MIT
//
// A program that writes over its arguments and environment: /proc shows them as they are.
#include "conform.h"
#include <sys/wait.h>

static size_t show(const char *path)
{
    char b[4096] = "";
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, b, sizeof(b) - 1);
    close(fd);
    for (ssize_t i = 0; i < n; i++)
        b[i] = b[i] ? b[i] : '|';
    printf("%.20s\n", b);
    return n;
}

int main(int argc, char **argv)
{
    extern char **environ;
    char name[64];
    if (argc < 4) { // for arguments and an environment that are known
        char *const arguments[] = {argv[0], argv[1], "first", "second", NULL};
        char *const environment[] = {"SOME=environment that is long", NULL};
        execve("/proc/self/exe", arguments, environment);
    }
    begin(argv);
    NEED(argc == 4 && environ[0]);
    char *end = argv[3] + strlen(argv[3]) + 1;
    memset(argv[0], 0, end - argv[0]);
    strcpy(argv[0], "short");
    IS(show("/proc/self/cmdline") == (size_t)(end - argv[0]));
    memset(argv[0], 'z', end - argv[0]); // no end: it goes on
    strcpy(end, "more");
    IS(show("/proc/self/cmdline") == (size_t)(end + 5 - argv[0]));
    show("/proc/self/environ");
    memset(argv[0], 0, end - argv[0]);
    strcpy(argv[0], "parent");
    snprintf(name, sizeof(name), "/proc/%d/cmdline", getpid());
    if (!fork()) {
        strcpy(argv[0], "child");
        show("/proc/self/cmdline");
        _exit(0);
    }
    wait(NULL);
    show(name);
    return 0;
}
