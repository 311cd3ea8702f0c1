// SPDX-License-Identifier: MIT
//
// The system call instruction leaves the address of the next one in rcx.
#include "conform.h"

static __attribute__((noinline)) bool call(void)
{
    uint64_t next, rcx;
    long result;
    __asm__ volatile("lea 1f(%%rip), %[next]\n"
                     "syscall\n"
                     "1: mov %%rcx, %[rcx]\n"
                     : "=a"(result), [next] "=&r"(next), [rcx] "=&r"(rcx)
                     : "0"(SYS_getppid)
                     : "rcx", "r11", "memory");
    return next == rcx;
}

int main(int argc, char **argv)
{
    begin(argv);
    for (int i = 0; i < 4; i++)
        IS(call());
    return 0;
}
