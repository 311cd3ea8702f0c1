// SPDX-License-Identifier: MIT
//
// Death by SIGABRT.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("before\n");
    abort();
    printf("after\n");
    return 0;
}
