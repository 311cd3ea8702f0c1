// SPDX-License-Identifier: MIT
//
// madvise, mincore, msync, mlock.
#include "conform.h"
#include <sys/mman.h>

#ifndef MADV_FREE
#define MADV_FREE 8
#endif

int main(int argc, char **argv)
{
    begin(argv);
    unsigned char *p = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    memset(p, 5, 4 * 4096);
    TRY(madvise(p + 4096, 8192, MADV_DONTNEED));
    IS(p[0] == 5 && p[4096] == 0 && p[8192 + 4095] == 0 && p[3 * 4096] == 5);
    p[4096] = 9; // usable again
    IS(p[4096] == 9);
    TRY(madvise(p, 4096, MADV_NORMAL));
    TRY(madvise(p, 4096, MADV_WILLNEED));
    TRY(madvise(p, 4096, MADV_SEQUENTIAL));
    TRY(madvise(p, 4096, MADV_RANDOM));
    TRY(madvise(p, 4096, MADV_FREE));
    TRY(madvise(p, 4096, 12345));
    TRY(madvise(p + 1, 4096, MADV_DONTNEED));
    TRY(madvise(p, 0, MADV_DONTNEED));
    NEED(!munmap(p + 4096, 4096));
    TRY(madvise(p, 4 * 4096, MADV_DONTNEED)); // with a gap
    IS(p[0] == 0 && p[3 * 4096] == 0);
    unsigned char in_core[4] = {0};
    p[0] = 1;
    TRY(mincore(p, 4096, in_core));
    IS(in_core[0] & 1);
    TRY(mincore(p, 4 * 4096, in_core));
    TRY(mincore(p + 1, 4096, in_core));
    TRY(mincore(p, 4096, (void *)8));
    TRY(msync(p, 4096, MS_SYNC));
    TRY(msync(p, 4096, MS_SYNC | MS_ASYNC));
    TRY(msync(p, 8192, MS_SYNC));
    TRY(msync(p, 4096, 64));
    TRY(mlock(p, 4096));
    TRY(munlock(p, 4096));
    TRY(mlock(p, 8192));
    TRY(munlockall());
    // Read-only pages lose their content too.
    p[0] = 3;
    NEED(!mprotect(p, 4096, PROT_READ));
    TRY(madvise(p, 4096, MADV_DONTNEED));
    IS(p[0] == 0);
    return 0;
}
