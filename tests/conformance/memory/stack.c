// SPDX-License-Identifier: MIT
//
// The stack: grows by itself, down to its limit, and not beyond.
#include "conform.h"
#include <sys/resource.h>

static volatile char sink;

static __attribute__((noinline)) int deeper(int levels)
{
    volatile char block[4096];
    block[0] = (char)levels;
    sink = block[levels % 4096];
    return levels ? deeper(levels - 1) + block[0] * 0 + 1 : 0;
}

static char other[65536];

static void caught(int sig, siginfo_t *info, void *context)
{
    char here;
    printf("signal %d code %d; near the stack: %d\n", sig, info->si_code,
           labs((char *)info->si_addr - (char *)context) > 0 && &here >= other && &here < other + sizeof(other));
    exit(7);
}

int main(int argc, char **argv)
{
    begin(argv);
    printf("1 MB: %d\n", deeper(256));
    printf("7 MB: %d\n", deeper(1700));
    stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};
    NEED(!sigaltstack(&stack, NULL));
    struct sigaction act = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    NEED(!sigaction(SIGSEGV, &act, NULL));
    printf("%d\n", deeper(1000000));
    return 0;
}
