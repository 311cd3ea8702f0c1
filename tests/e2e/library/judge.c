// SPDX-License-Identifier: MIT
//
// A relying party of the installed library: judges the file that it is given, without collateral.
#include <myst/attest.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    static uint8_t bytes[65536];
    const struct attest_collateral none = {0};
    const struct attest_policy strict = {0};
    struct attest_verdict verdict;
    FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!f)
        return 2;
    size_t size = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    int r = attest_verify_evidence(bytes, size, &none, 1700000000, &strict, &verdict);
    puts(attest_result_name(verdict.result));
    return r ? 1 : 0;
}
