// SPDX-License-Identifier: MIT
//
// Runtimes reserve far more than they use, at addresses of their choice, and commit within it.
#include "conform.h"
#include <sys/mman.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
    begin(argv);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    char *p = mmap(NULL, 64ul << 30, PROT_NONE, flags, -1, 0);
    NEED(p != MAP_FAILED);
    for (int i = 0; i < 64; i++) {
        char *at = p + ((size_t)i << 30) + (1 << 20);
        NEED(!mprotect(at, 65536, PROT_READ | PROT_WRITE));
        memset(at, i, 65536);
    }
    bool right = true;
    for (int i = 0; i < 64; i++)
        right = right && p[((size_t)i << 30) + (1 << 20) + 65535] == i;
    IS(right);
    IS(mmap(p + (5ul << 30), 1 << 20, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1, 0) == p + (5ul << 30));
    TRY(madvise(p, 64ul << 30, MADV_DONTNEED));
    IS(p[(7ul << 30) + (1 << 20)] == 0);
    TRY(munmap(p, 64ul << 30));
    // Aligned by giving back both ends.
    size_t align = 64 << 20;
    p = mmap(NULL, 2 * align, PROT_NONE, flags, -1, 0);
    char *aligned = (char *)(((uintptr_t)p + align - 1) & ~(align - 1));
    if (aligned != p)
        NEED(!munmap(p, (size_t)(aligned - p)));
    NEED(!munmap(aligned + align, (size_t)(p + align - aligned) ? (size_t)(p + align - aligned) : 4096));
    TRY(mprotect(aligned, align, PROT_READ | PROT_WRITE));
    aligned[align - 1] = 1;
    TRY(munmap(aligned, align));
    // Half of the addresses that there may be; 256 GiB without a limit.
    struct rlimit limit;
    TRY(getrlimit(RLIMIT_AS, &limit));
    size_t half = limit.rlim_cur == RLIM_INFINITY ? 256ul << 30 : limit.rlim_cur / 2;
    p = mmap(NULL, half, PROT_NONE, flags, -1, 0);
    IS(p != MAP_FAILED && half >= 100ul << 30);
    TRY(munmap(p, half));
    return 0;
}
