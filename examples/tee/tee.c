// SPDX-License-Identifier: MIT
//
// Where am I? The kernel sets MYST_TARGET in every program's environment, and nobody else can set it there.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    const char *target = getenv("MYST_TARGET");
    if (!target)
        printf("I am in unknown environment\n");
    else if (strcmp(target, "sgx"))
        printf("I am in non-TEE\n");
    else
        printf("I am in SGX! Now, for secrets!\n");
    return 0;
}
