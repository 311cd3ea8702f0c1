// SPDX-License-Identifier: MIT
//
// Only the low eight bits of a status come out.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("without a line's end");
    exit(0x1234);
}
