// SPDX-License-Identifier: MIT
//
// getrandom
#include "conform.h"
#include <sys/random.h>

int main(int argc, char **argv)
{
    begin(argv);
    unsigned char a[4096], b[4096];
    TRY(getrandom(a, sizeof(a), 0));
    TRY(getrandom(b, sizeof(b), GRND_NONBLOCK));
    IS(memcmp(a, b, sizeof(a)));
    int counts[256] = {0}, worst = 0;
    for (size_t i = 0; i < sizeof(a); i++)
        counts[a[i]]++;
    for (int i = 0; i < 256; i++)
        worst = counts[i] > worst ? counts[i] : worst;
    IS(worst < 64); // 16 each on average
    TRY(getrandom(a, 16, GRND_RANDOM));
    TRY(getrandom(a, 0, 0));
    TRY(getrandom(a, 16, 0x1234));
    TRY(syscall(SYS_getrandom, 8, 16, 0));
    static unsigned char large[1 << 20];
    TRY(getrandom(large, sizeof(large), 0));
    return 0;
}
