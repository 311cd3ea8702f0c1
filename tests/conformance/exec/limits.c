// SPDX-License-Identifier: MIT
//
// How long arguments may be.
#include "conform.h"
#include <sys/resource.h>

extern char **environ;

int main(int argc, char **argv)
{
    begin((char *[]){argv[0], NULL});
    enum { PAGE = 4096, STRING = 32 * PAGE }; // the longest string Linux takes, end included
    if (argc > 2) {
        size_t total = 0;
        for (int i = 0; i < argc; i++)
            total += strlen(argv[i]) + 1;
        printf("%d arguments, more than 1 MB: %d\n", argc, total > 1 << 20);
        return 0;
    }
    char *text = malloc(STRING + 1);
    memset(text, 'x', STRING);
    text[STRING] = 0;
    TRY(execve(argv[0], (char *[]){argv[0], argv[1], text, NULL}, environ));
    text[STRING - 1] = 0;
    enum { MANY = 30 };
    char *args[MANY + 3] = {argv[0], argv[1]};
    for (int i = 0; i < MANY; i++)
        args[2 + i] = text;
    TRY(execve(argv[0], args, environ)); // more than a quarter of the stack
    struct rlimit stack;
    NEED(!getrlimit(RLIMIT_STACK, &stack));
    args[2 + 8] = NULL;
    NEED(!setrlimit(RLIMIT_STACK, &(struct rlimit){1 << 20, stack.rlim_max}));
    TRY(execve(argv[0], args, environ)); // of a smaller one
    NEED(!setrlimit(RLIMIT_STACK, &stack));
    args[2 + 8] = text;
    args[2 + 11] = NULL;
    execve(argv[0], args, environ);
    printf("%s\n", errno_name(errno));
    return 1;
}
