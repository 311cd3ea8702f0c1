// SPDX-License-Identifier: MIT
//
// Death by SIGSEGV.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("before\n");
    *(volatile char *)0 = 1;
    printf("after\n");
    return 0;
}
