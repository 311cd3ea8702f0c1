// SPDX-License-Identifier: MIT
//
// Advice that does something at once, on memory of every kind: MADV_POPULATE_READ and _WRITE, MADV_REMOVE, MADV_FREE; and what mincore
// says of memory that nobody touched.
//
// since: Linux 5.14
#include "conform.h"
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#define PAGE 4096

static void *map(int prot, int flags, int fd)
{
    void *p = mmap(NULL, 4 * PAGE, prot, flags, fd, 0);
    NEED(p != MAP_FAILED);
    return p;
}

static void untouched(int flags)
{
    unsigned char in[4] = {7, 7, 7, 7}, *p = map(PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1);
    TRY(mincore(p, 4 * PAGE, in));
    IS(!in[0] && !in[1] && !in[2] && !in[3]);
    p[2 * PAGE] = 1;
    TRY(mincore(p, 4 * PAGE, in));
    IS(!in[0] && !in[1] && in[2] == 1);
    NEED(!munmap(p + PAGE, PAGE));
    in[1] = 7;
    TRY(mincore(p, 4 * PAGE, in));
    IS(!in[0] && in[1] == 7); // as far as it came
    TRY(mincore(p, (size_t)-1, in));
}

static void populate(int fd)
{
    unsigned char *p = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), *file = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    p[0] = 1;
    TRY(madvise(p, 4 * PAGE, MADV_POPULATE_READ));
    TRY(madvise(p, 4 * PAGE, MADV_POPULATE_WRITE));
    TRY(madvise(p + 1, PAGE, MADV_POPULATE_WRITE));
    TRY(madvise(p, 0, MADV_POPULATE_WRITE));
    TRY(madvise(file, 4 * PAGE, MADV_POPULATE_WRITE));
    IS(p[0] == 1 && p[PAGE] == 0 && file[0] == 'a');
    NEED(!mprotect(p, PAGE, PROT_READ) && !mprotect(p + PAGE, PAGE, PROT_NONE));
    TRY(madvise(p, PAGE, MADV_POPULATE_READ));
    TRY(madvise(p, PAGE, MADV_POPULATE_WRITE));
    TRY(madvise(p + PAGE, PAGE, MADV_POPULATE_READ));
    NEED(!munmap(p + PAGE, PAGE));
    TRY(madvise(p, 4 * PAGE, MADV_POPULATE_READ));
    NEED(!ftruncate(fd, PAGE));
    TRY(madvise(file, PAGE, MADV_POPULATE_READ));
    TRY(madvise(file, 4 * PAGE, MADV_POPULATE_READ)); // nothing of the file is there
    NEED(!ftruncate(fd, 4 * PAGE));
}

static void holes(int fd)
{
    unsigned char *own = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), *copy = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
    unsigned char *shared = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    unsigned char *file = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    int reader = open("file", O_RDONLY);
    unsigned char *readable = map(PROT_READ, MAP_SHARED, reader), byte = 9;
    shared[0] = own[0] = copy[0] = file[PAGE] = 5;
    TRY(madvise(own, PAGE, MADV_REMOVE));
    TRY(madvise(copy, PAGE, MADV_REMOVE));
    TRY(madvise(readable, PAGE, MADV_REMOVE));
    TRY(madvise(shared, PAGE, MADV_REMOVE));
    TRY(madvise(file + PAGE, PAGE, MADV_REMOVE));
    IS(own[0] == 5 && copy[0] == 5 && shared[0] == 0 && file[PAGE] == 0 && readable[PAGE] == 0);
    IS(pread(fd, &byte, 1, PAGE) == 1 && byte == 0);
    TRY(madvise(own, PAGE, MADV_FREE));
    TRY(madvise(copy, PAGE, MADV_FREE));
    TRY(madvise(shared, PAGE, MADV_FREE));
    TRY(madvise(file, PAGE, MADV_FREE));
    TRY(madvise(own, (size_t)-1, MADV_DONTNEED));
    TRY(madvise(own, 0, 12345));
}

int main(int argc, char **argv)
{
    begin(argv);
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    NEED(fd >= 0 && write(fd, "abc", 3) == 3 && !ftruncate(fd, 4 * PAGE));
    untouched(MAP_PRIVATE);
    untouched(MAP_SHARED);
    populate(fd);
    holes(fd);
    return 0;
}
