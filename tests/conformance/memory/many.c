// SPDX-License-Identifier: MIT
//
// Many mappings, in an order that splits and joins them.
#include "conform.h"
#include <sys/mman.h>

enum { COUNT = 4000 };

int main(int argc, char **argv)
{
    begin(argv);
    unsigned char *p = mmap(NULL, COUNT * 4096ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    for (size_t i = 0; i < COUNT; i++)
        p[i * 4096] = (unsigned char)i;
    for (size_t i = 0; i < COUNT; i += 2)
        NEED(!mprotect(p + i * 4096, 4096, PROT_READ));
    for (size_t i = 1; i < COUNT; i += 4)
        NEED(!munmap(p + i * 4096, 4096));
    for (size_t i = 1; i < COUNT; i += 4)
        NEED(mmap(p + i * 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + i * 4096);
    int wrong = 0;
    for (size_t i = 0; i < COUNT; i++)
        wrong += p[i * 4096] != (i % 4 == 1 ? 0 : (unsigned char)i);
    printf("%d wrong\n", wrong);
    unsigned seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245 + 12345;
        size_t at = (seed >> 8) % (COUNT - 16), length = 1 + (seed >> 24) % 16;
        NEED(!mprotect(p + at * 4096, length * 4096, i % 3 ? PROT_READ | PROT_WRITE : PROT_READ));
    }
    NEED(!mprotect(p, COUNT * 4096ul, PROT_READ));
    wrong = 0;
    for (size_t i = 0; i < COUNT; i++)
        wrong += p[i * 4096] != (i % 4 == 1 ? 0 : (unsigned char)i);
    printf("%d wrong\n", wrong);
    return 0;
}
