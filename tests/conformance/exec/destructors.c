// SPDX-License-Identifier: MIT
//
// Constructors, destructors, atexit, and output that is only written at exit.
// needs: glibc
#include <stdio.h>
#include <stdlib.h>

static __attribute__((constructor)) void first(void)
{
    printf("constructor\n");
}
static __attribute__((destructor)) void last(void)
{
    printf("destructor\n");
}
static void one(void)
{
    printf("atexit one\n");
}
static void two(void)
{
    printf("atexit two\n");
}

int main(void)
{
    atexit(one);
    atexit(two);
    printf("main\n");
    return 9;
}
