// SPDX-License-Identifier: MIT
//
// /proc/self/maps tells what is mapped.
#include "conform.h"
#include <sys/mman.h>

static void show(const void *p)
{
    char line[1024];
    FILE *f = fopen("/proc/self/maps", "r");
    NEED(f);
    bool found = false;
    while (fgets(line, sizeof(line), f)) {
        unsigned long start, end;
        char flags[8];
        unsigned long offset;
        NEED(sscanf(line, "%lx-%lx %7s %lx", &start, &end, flags, &offset) == 4);
        if ((uintptr_t)p < start || (uintptr_t)p >= end)
            continue;
        found = true;
        const char *name = strrchr(line, '/');
        printf("%lu pages, %s offset %lx, file: %s", (end - start) / 4096, flags, offset, name ? name : "none\n");
    }
    if (!found)
        printf("not mapped\n");
    fclose(f);
}

int main(int argc, char **argv)
{
    begin(argv);
    char *area = mmap(NULL, 100 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(area != MAP_FAILED && !munmap(area, 100 * 4096));
    char *p = area + 10 * 4096;
    mmap(p, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    show(p);
    NEED(!mprotect(p + 4096, 4096, PROT_READ));
    show(p);
    show(p + 4096);
    show(p + 8192);
    NEED(!mprotect(p + 4096, 4096, PROT_READ | PROT_WRITE));
    show(p); // one again
    NEED(!munmap(p, 3 * 4096));
    show(p);
    write_file("file", "content");
    int fd = open("file", O_RDWR);
    NEED(!ftruncate(fd, 5 * 4096));
    mmap(p, 2 * 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 4096);
    show(p);
    mmap(p, 2 * 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 8192);
    show(p);
    char line[1024], stack = 0;
    FILE *f = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof(line), f))
        if (strstr(line, "[stack]")) {
            unsigned long start, end;
            NEED(sscanf(line, "%lx-%lx", &start, &end) == 2);
            IS((uintptr_t)&stack >= start && (uintptr_t)&stack < end);
        }
    fclose(f);
    return 0;
}
