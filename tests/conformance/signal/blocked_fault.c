// SPDX-License-Identifier: MIT
//
// A fault whose signal is blocked or ignored kills.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGSEGV, SIG_IGN);
    raise(SIGSEGV); // sent: blocked as any other
    printf("alive\n");
    *(volatile char *)0 = 1;
    printf("alive still\n");
    return 0;
}
