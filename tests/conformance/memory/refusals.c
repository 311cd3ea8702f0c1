// SPDX-License-Identifier: MIT
//
// Requests to mmap and mprotect that cannot be met.
#include "conform.h"
#include <sys/mman.h>

#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif
#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif
#define PAGE 4096
#define OPEN (PROT_READ | PROT_WRITE)

int main(int argc, char **argv)
{
    begin(argv);
    int fd = open("file", O_RDWR | O_CREAT, 0600), path = open("file", O_PATH);
    NEED(fd >= 0 && path >= 0 && !ftruncate(fd, PAGE));
    TRY(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, path, 0));
    TRY(mmap(NULL, PAGE, OPEN, MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0));
    TRY(mmap(NULL, PAGE, OPEN, MAP_PRIVATE, fd, -PAGE));
    TRY(mmap(NULL, 2 * PAGE, OPEN, MAP_PRIVATE, fd, 0x7ffffffffffff000));
    TRY(mmap(NULL, PAGE, OPEN, MAP_PRIVATE | MAP_HUGETLB, fd, 0));
    char *p = mmap(NULL, 2 * PAGE, OPEN, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), on_stack;
    NEED(p != MAP_FAILED);
    TRY(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN));
    TRY(mprotect(p, PAGE, PROT_READ | PROT_GROWSUP));
    TRY(mprotect(p, PAGE, PROT_READ | PROT_GROWSUP | PROT_GROWSDOWN));
    p[0] = 1; // still open
    TRY(mprotect((void *)((uintptr_t)&on_stack & ~(uintptr_t)(PAGE - 1)), PAGE, OPEN | PROT_GROWSDOWN));
    return 0;
}
