// SPDX-License-Identifier: MIT
//
// mremap that leaves an empty mapping behind (MREMAP_DONTUNMAP), and one that shrinks over holes.
//
// since: Linux 5.13
#include "conform.h"
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define PAGE 4096
#define SHOW(format, value) printf(#value ": " format "\n", value)
#define KEEP (MREMAP_MAYMOVE | MREMAP_DONTUNMAP)

static void *move(void *old, size_t old_size, size_t new_size, int flags, void *to)
{
    return (void *)syscall(SYS_mremap, old, old_size, new_size, flags, to); // libraries do not hand on the last one without MREMAP_FIXED
}

static char *map(int flags, int fd)
{
    char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
    NEED(p != MAP_FAILED);
    return p;
}

static void private(void)
{
    char *p = map(MAP_PRIVATE | MAP_ANONYMOUS, -1), *to;
    strcpy(p, "first");
    strcpy(p + 3 * PAGE, "last");
    to = move(p, 4 * PAGE, 4 * PAGE, KEEP, NULL);
    NEED(to != MAP_FAILED && to != p);
    SHOW("%s", to);
    SHOW("%s", to + 3 * PAGE);
    IS(!p[0] && !p[3 * PAGE]);
    strcpy(p, "again");
    SHOW("%s", to);
    char *fixed = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    IS(move(p, PAGE, PAGE, KEEP | MREMAP_FIXED, fixed) == fixed && !strcmp(fixed, "again") && !p[0]);
    NEED(!mprotect(to, 4 * PAGE, PROT_READ));
    fixed = move(to, 4 * PAGE, 4 * PAGE, KEEP, NULL);
    NEED(fixed != MAP_FAILED);
    SHOW("%s", fixed);
    IS(!to[0]);
}

static void of_file(void)
{
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    NEED(fd >= 0 && write(fd, "content", 8) == 8 && !ftruncate(fd, 4 * PAGE));
    char *p = map(MAP_PRIVATE, fd), *shared = map(MAP_SHARED, fd), *to;
    p[0] = 'C';
    to = move(p, PAGE, PAGE, KEEP, NULL);
    NEED(to != MAP_FAILED);
    SHOW("%s", to);
    SHOW("%s", p); // as it is in the file
    to = move(shared, 4 * PAGE, 4 * PAGE, KEEP, NULL);
    NEED(to != MAP_FAILED);
    shared[1] = 'O';
    SHOW("%s", to);
}

static void refusals(void)
{
    char *p = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    TRY(mremap(p, PAGE, PAGE, MREMAP_DONTUNMAP));
    TRY(move(p, PAGE, 2 * PAGE, KEEP, NULL));
    TRY(move(p, 2 * PAGE, PAGE, KEEP, NULL));
    TRY(move(p, PAGE, PAGE, KEEP, p + 1));
    TRY(mremap(p, PAGE, PAGE, 8));
    NEED(!munmap(p + 2 * PAGE, PAGE));
    TRY(move(p, 4 * PAGE, 4 * PAGE, KEEP, NULL));
    IS(mremap(p, 4 * PAGE, PAGE, 0) == p); // over the hole
    unsigned char in;
    TRY(mincore(p, PAGE, &in));
    TRY(mincore(p + PAGE, PAGE, &in));
    TRY(mincore(p + 3 * PAGE, PAGE, &in));
}

int main(int argc, char **argv)
{
    begin(argv);
    private();
    of_file();
    refusals();
    return 0;
}
