// SPDX-License-Identifier: MIT
//
// Handlers on a stack of their own.
#include "conform.h"
#include <setjmp.h>

static char area[3 * 65536];
static char *const other = area + 65536;
static sigjmp_buf back;

static void handler(int sig)
{
    char here;
    stack_t now;
    sigaltstack(NULL, &now);
    printf("signal %d: on it %d, flags %d\n", sig, &here >= other && &here < other + 65536, now.ss_flags);
    TRY(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL)); // not while it is in use
    if (sig == SIGUSR1)
        raise(SIGUSR2);
    if (sig == SIGSEGV)
        siglongjmp(back, 1);
}

int main(int argc, char **argv)
{
    begin(argv);
    stack_t stack = {.ss_sp = other, .ss_size = 65536}, old;
    TRY(sigaltstack(NULL, &old));
    IS(old.ss_flags == SS_DISABLE);
    TRY(sigaltstack(&stack, &old));
    TRY(sigaltstack(NULL, &old));
    IS(old.ss_sp == other && old.ss_size == 65536 && old.ss_flags == 0);
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGUSR2, &act, NULL);
    sigaction(SIGSEGV, &act, NULL);
    raise(SIGUSR1);
    if (!sigsetjmp(back, 1))
        *(volatile char *)0 = 1;
    if (!sigsetjmp(back, 1))
        *(volatile char *)0 = 1; // again, after leaving by longjmp
    act.sa_flags = 0;
    sigaction(SIGHUP, &act, NULL);
    raise(SIGHUP);
    TRY(sigaltstack(NULL, &old));
    IS(old.ss_flags == SS_DISABLE); // switched off by the last one
    stack.ss_size = 100;
    TRY(sigaltstack(&stack, NULL));
    stack.ss_size = 65536;
    stack.ss_flags = 0x1234;
    TRY(sigaltstack(&stack, NULL));
    TRY(syscall(SYS_sigaltstack, 8, NULL));
    return 0;
}
