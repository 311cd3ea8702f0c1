// SPDX-License-Identifier: MIT
//
// cpuid and rdtsc work, and tell the same each time.
#include "conform.h"
#include <cpuid.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
    begin(argv);
    unsigned a, b, c, d, a2, b2, c2, d2;
    IS(__get_cpuid_max(0, NULL) >= 7);
    __cpuid(0, a, b, c, d);
    char vendor[13] = "";
    memcpy(vendor, &b, 4), memcpy(vendor + 4, &d, 4), memcpy(vendor + 8, &c, 4);
    IS(strlen(vendor) == 12);
    for (int i = 0; i < 1000; i++) {
        __cpuid_count(7, 0, a, b, c, d);
        __cpuid_count(7, 0, a2, b2, c2, d2);
        NEED(a == a2 && b == b2 && c == c2 && d == d2);
    }
    __cpuid(1, a, b, c, d);
    IS((d & bit_SSE2) && (d & bit_FXSAVE));
    IS(__builtin_cpu_supports("sse2") != 0);
    unsigned long long first = __rdtsc(), aux = 0;
    for (volatile int i = 0; i < 1000; i++)
        ;
    IS(__rdtsc() > first);
    IS(__rdtscp((unsigned *)&aux) > first);
    return 0;
}
