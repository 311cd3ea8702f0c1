// SPDX-License-Identifier: MIT
//
// brk: grows with zeros, shrinks, and forgets what was above.
#include "conform.h"

static char *break_at(void *p)
{
    return (char *)syscall(SYS_brk, p);
}

int main(int argc, char **argv)
{
    begin(argv);
    char *start = break_at(NULL);
    char *p = (char *)(((uintptr_t)start + 4095) & ~4095ul);
    IS(break_at(p + 100000) == p + 100000);
    bool zero = true;
    for (int i = 0; i < 100000; i++)
        zero = zero && !p[i];
    IS(zero);
    memset(p, 1, 100000);
    IS(break_at(p + 5) == p + 5);
    IS(p[4] == 1);
    IS(break_at(p + 50000) == p + 50000);
    IS(p[4] == 1 && p[4096] == 0 && p[49999] == 0);
    IS(break_at((void *)1) == p + 50000);         // below the start
    IS(break_at((void *)(1ul << 60)) == p + 50000); // too much
    IS(break_at(start) == start);
    return 0;
}
