// SPDX-License-Identifier: MIT
//
// Death by SIGRTMIN.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("before\n");
    raise(SIGRTMIN);
    printf("after\n");
    return 0;
}
