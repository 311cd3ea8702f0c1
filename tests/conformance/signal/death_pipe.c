// SPDX-License-Identifier: MIT
//
// Death by SIGPIPE.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    printf("before\n");
    { int p[2]; NEED(!pipe(p) && !close(p[0])); printf("%zd", write(p[1], "x", 1)); };
    printf("after\n");
    return 0;
}
