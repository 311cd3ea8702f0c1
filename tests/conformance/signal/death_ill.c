// SPDX-License-Identifier: MIT
//
// Death by SIGILL.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("before\n");
    __asm__ volatile("ud2");
    printf("after\n");
    return 0;
}
