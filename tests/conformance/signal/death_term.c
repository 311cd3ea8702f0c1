// SPDX-License-Identifier: MIT
//
// Death by SIGTERM.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("before\n");
    raise(SIGTERM);
    printf("after\n");
    return 0;
}
