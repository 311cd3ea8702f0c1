// SPDX-License-Identifier: MIT
//
// mremap: grow, shrink, move, and what it refuses.
#include "conform.h"
#include <sys/mman.h>

static long remap_pages(char *at, size_t pages, int prot, size_t page)
{
    return syscall(SYS_remap_file_pages, at, pages * 4096, prot, page, 0);
}

// Windows of a file in another order.
static void file_pages(int fd)
{
    const int rw = PROT_READ | PROT_WRITE;
    char *p = mmap(NULL, 4 * 4096, rw, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    NEED(p != MAP_FAILED);
    for (int i = 0; i < 4; i++)
        p[i * 4096] = (char)('a' + i);
    TRY(remap_pages(p, 1, 0, 3));
    TRY(remap_pages(p + 4096, 2, 0, 0));
    IS(p[0] == 'd' && p[4096] == 'a' && p[2 * 4096] == 'b' && p[3 * 4096] == 'd');
    p[0] = 'x';
    IS(p[3 * 4096] == 'x');
    TRY(remap_pages(p, 4, 0, 0));
    IS(p[0] == 'a' && p[4096] == 'b' && p[3 * 4096] == 'x');
    TRY(remap_pages(p, 1, PROT_READ, 1));
    TRY(remap_pages(p, 0, 0, 1));
    TRY(remap_pages(p, 5, 0, 1));
    TRY(remap_pages(p, 1, 0, -1));
    TRY(remap_pages(p + 4096 * 4000, 1, 0, 1));
    NEED(!mprotect(p, 4096, PROT_READ));
    TRY(remap_pages(p, 1, 0, 1));
    IS(p[0] == 'b');
    TRY(syscall(SYS_getcwd, p, 4096));
    TRY(remap_pages(p, 2, 0, 0));
    NEED(!munmap(p, 4 * 4096));
    p = mmap(NULL, 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY(remap_pages(p, 1, 0, 0));
    NEED(!munmap(p, 4096));
}

int main(int argc, char **argv)
{
    begin(argv);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS, rw = PROT_READ | PROT_WRITE;
    char *area = mmap(NULL, 64 * 4096, PROT_NONE, flags, -1, 0);
    NEED(area != MAP_FAILED);
    char *p = mmap(area, 4 * 4096, rw, flags | MAP_FIXED, -1, 0);
    for (int i = 0; i < 4; i++)
        p[i * 4096] = (char)('a' + i);
    IS(mremap(p, 4 * 4096, 2 * 4096, 0) == p);
    NEED(!munmap(p + 2 * 4096, 20 * 4096));
    IS(mremap(p, 2 * 4096, 8 * 4096, 0) == p); // in place
    IS(p[0] == 'a' && p[4096] == 'b' && p[2 * 4096] == 0 && p[7 * 4096] == 0);
    mmap(p + 8 * 4096, 4096, PROT_NONE, flags | MAP_FIXED, -1, 0); // in its way
    TRY((long)mremap(p, 8 * 4096, 9 * 4096, 0));
    char *q = mremap(p, 8 * 4096, 100 * 4096, MREMAP_MAYMOVE);
    IS(q != MAP_FAILED && q != p && q[0] == 'a' && q[4096] == 'b' && q[99 * 4096] == 0);
    IS(mincore(p, 4096, (unsigned char[1]){0}) == -1 && errno == ENOMEM); // nothing is left behind
    char *to = area + 30 * 4096;
    IS(mremap(q, 100 * 4096, 4 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
    IS(to[0] == 'a' && to[4096] == 'b');
    TRY((long)mremap(to, 4096, 4096, MREMAP_FIXED, area));
    TRY((long)mremap(to, 4 * 4096, 4 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, to + 4096)); // overlapping
    TRY((long)mremap(to + 1, 4096, 8192, MREMAP_MAYMOVE));
    TRY((long)mremap(to, 4096, 0, MREMAP_MAYMOVE));
    TRY((long)mremap(to, 4096, 4096, 64));
    NEED(!munmap(area, 64 * 4096));
    TRY((long)mremap(area, 4096, 8192, MREMAP_MAYMOVE));
    // What moves keeps its protection.
    p = mmap(NULL, 4096, rw, flags, -1, 0);
    p[5] = 'x';
    NEED(!mprotect(p, 4096, PROT_READ));
    q = mremap(p, 4096, 1 << 22, MREMAP_MAYMOVE);
    IS(q != MAP_FAILED && q[5] == 'x');
    TRY(syscall(SYS_getcwd, q, 4096));
    int fd = open("pages", O_RDWR | O_CREAT, 0600);
    NEED(fd >= 0 && !ftruncate(fd, 4 * 4096));
    file_pages(fd);
    file_pages(-1);
    return 0;
}
