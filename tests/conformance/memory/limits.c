// SPDX-License-Identifier: MIT
//
// RLIMIT_AS, RLIMIT_DATA and the number of mappings there may be.
#include "conform.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PAGE 4096ul
#define MIB (1ul << 20)
#define MAPPINGS 66000

static void limit(int which, size_t size)
{
    struct rlimit l = {size, RLIM_INFINITY};
    NEED(setrlimit(which, &l) == 0);
}

static size_t mapped(void)
{
    char text[256] = "";
    int fd = open("/proc/self/statm", O_RDONLY);
    NEED(read(fd, text, sizeof(text) - 1) > 0);
    close(fd);
    return strtoul(text, NULL, 10) * PAGE;
}

static void *map_at(void *at, size_t size, int prot, int flags)
{
    return mmap(at, size, prot, MAP_ANONYMOUS | flags, -1, 0);
}

static void grow(size_t size)
{
    long now = syscall(SYS_brk, 0);
    printf("grows by %zu MiB: %s\n", size / MIB, syscall(SYS_brk, now + size) > now ? "yes" : "no");
}

static void test_addresses(void)
{
    char *big = map_at(NULL, 64 * MIB, PROT_NONE, MAP_PRIVATE);
    limit(RLIMIT_AS, mapped() + 16 * MIB);
    OK(map_at(NULL, 32 * MIB, PROT_NONE, MAP_PRIVATE));
    OK(map_at(NULL, 32 * MIB, PROT_READ, MAP_SHARED));
    OK(map_at(big, 64 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED));
    OK(map_at(big, 96 * MIB, PROT_NONE, MAP_PRIVATE | MAP_FIXED));
    OK(mremap(big, 32 * MIB, 64 * MIB, MREMAP_MAYMOVE));
    grow(32 * MIB);
    grow(1 * MIB);
    char *small = map_at(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    IS(small != MAP_FAILED);
    OK(map_at(NULL, 12 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE));
    OK(munmap(small, 8 * MIB));
    OK(map_at(NULL, 12 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE));
    limit(RLIMIT_AS, RLIM_INFINITY);
    OK(map_at(NULL, 32 * MIB, PROT_NONE, MAP_PRIVATE));
}

static void test_data(void)
{
    limit(RLIMIT_DATA, 256 * MIB);
    OK(map_at(NULL, 512 * MIB, PROT_READ, MAP_PRIVATE));
    OK(map_at(NULL, 512 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE));
    OK(map_at(NULL, 512 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE));
    grow(512 * MIB);
    limit(RLIMIT_DATA, RLIM_INFINITY);
}

static void test_count(void)
{
    char *big = map_at(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    int fd = open("/proc/self/exe", O_RDONLY), n = 0;
    while (n < MAPPINGS && mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED)
        n++;
    printf("mapped many: %s, %s\n", n > 65000 && n < 65531 ? "yes" : "no", errno_name(errno));
    TRY(munmap(big + PAGE, PAGE));
    TRY(mprotect(big + PAGE, PAGE, PROT_READ));
    OK(map_at(NULL, PAGE, PROT_NONE, MAP_PRIVATE));
    if (!fork()) {
        big[PAGE] = 1;
        printf("child\n");
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    test_addresses();
    test_data();
    test_count();
    return 0;
}
