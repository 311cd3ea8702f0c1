// SPDX-License-Identifier: MIT
//
// How a program learns where it runs.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    const char *target = getenv("MYST_TARGET");
    printf("%s\n", target ? target : "none");
    TRY(access("/dev/attestation", F_OK));
    TRY(syscall(1008) > 0);
    return 0;
}
