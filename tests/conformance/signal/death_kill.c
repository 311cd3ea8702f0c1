// SPDX-License-Identifier: MIT
//
// Death by SIGKILL.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("before\n");
    kill(getpid(), SIGKILL);
    printf("after\n");
    return 0;
}
