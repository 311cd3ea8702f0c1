// SPDX-License-Identifier: MIT
//
// The least program, for the time that starting takes.
#include <stdio.h>

int main(void)
{
    return puts("hello") < 0;
}
