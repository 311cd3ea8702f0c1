// SPDX-License-Identifier: MIT
//
// Anonymous mappings: zero, private, of any length; what mmap and munmap refuse.
#include "conform.h"
#include <sys/mman.h>

int main(int argc, char **argv)
{
    begin(argv);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS, rw = PROT_READ | PROT_WRITE;
    unsigned char *p = mmap(NULL, 10000, rw, flags, -1, 0);
    IS(p != MAP_FAILED && (uintptr_t)p % 4096 == 0);
    IS(all_are(p, 12288, 0));
    memset(p, 0xab, 12288);
    TRY(munmap(p + 4096, 4096));
    IS(all_are(p, 4096, 0xab) && all_are(p + 8192, 4096, 0xab));
    IS(mmap(p + 4096, 4096, rw, flags | MAP_FIXED, -1, 0) == p + 4096);
    IS(all_are(p + 4096, 4096, 0));
    IS(mmap(p, 8192, rw, flags | MAP_FIXED, -1, 0) == p);
    IS(all_are(p, 8192, 0) && all_are(p + 8192, 4096, 0xab));
    IS(mmap(p, 4096, rw, flags | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST);
    TRY(munmap(p, 12288));
    TRY(munmap(p, 12288)); // again: nothing there is no error
    IS(mmap(p, 4096, rw, flags | MAP_FIXED_NOREPLACE, -1, 0) == p);
    TRY(munmap(p, 4096));
    TRY(munmap(p + 1, 4096));
    TRY(munmap(p, 0));
    TRY((long)mmap(NULL, 0, rw, flags, -1, 0));
    TRY((long)mmap(NULL, 4096, rw, MAP_ANONYMOUS, -1, 0));
    TRY((long)mmap(p + 1, 4096, rw, flags | MAP_FIXED, -1, 0));
    TRY((long)mmap(NULL, 4096, rw, MAP_PRIVATE, -1, 0));
    TRY((long)mmap(NULL, 4096, rw, MAP_PRIVATE, 77, 0));
    TRY((long)mmap(NULL, ~0ul - 4096, rw, flags, -1, 0));
    TRY((long)mmap((void *)(1ul << 60), 4096, rw, flags | MAP_FIXED, -1, 0));
    // A hint that is free is taken.
    void *q = mmap(NULL, 1 << 20, PROT_NONE, flags, -1, 0);
    NEED(q != MAP_FAILED && !munmap(q, 1 << 20));
    IS(mmap(q, 4096, rw, flags, -1, 0) == q);
    // Large, sparse and mostly untouched.
    unsigned char *large = mmap(NULL, 8ul << 30, rw, flags | MAP_NORESERVE, -1, 0);
    NEED(large != MAP_FAILED);
    for (size_t at = 0; at < 8ul << 30; at += 1ul << 30)
        large[at + 12345] = 1;
    unsigned sum = 0;
    for (size_t at = 0; at < 8ul << 30; at += 1ul << 30)
        sum += large[at + 12345] + large[at + 12344] + large[at + 5000000];
    IS(sum == 8);
    TRY(munmap(large, 8ul << 30));
    return 0;
}
