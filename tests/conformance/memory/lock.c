// SPDX-License-Identifier: MIT
//
// mlock and its relatives: what is counted and shown, what RLIMIT_MEMLOCK forbids to whom, and what cannot be done to locked memory.
// since: Linux 5.18
// needs: root
#include "conform.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { PAGE = 4096, MLOCK_ON_FAULT = 1, COLD = 20, DONTNEED_LOCKED = 24 };

static long locked_kb(void)
{
    char text[4096] = "";
    int fd = open("/proc/self/status", O_RDONLY);
    NEED(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
    close(fd);
    const char *at = strstr(text, "VmLck:");
    NEED(at);
    return atol(at + strlen("VmLck:"));
}

#define LOCKED(call) (TRY(call), printf("    locked %ld kB\n", locked_kb()))

static char *map(size_t pages, int prot, int flags)
{
    char *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    NEED(p != MAP_FAILED);
    return p;
}

static int present(const char *p, size_t pages)
{
    unsigned char in[64];
    int n = 0;
    NEED(!mincore((void *)p, pages * PAGE, in));
    for (size_t i = 0; i < pages; i++)
        n += in[i] & 1;
    return n;
}

static void counted(void)
{
    char *p = map(64, PROT_READ | PROT_WRITE, MAP_NORESERVE);
    printf("locked %ld kB, present %d\n", locked_kb(), present(p, 64));
    LOCKED(mlock(p + PAGE, 2 * PAGE));
    printf("present %d\n", present(p, 64));
    LOCKED(mlock(p + PAGE + 1, 1));
    LOCKED(mlock(p + 2 * PAGE - 1, 2));
    LOCKED(mlock(p + 2 * PAGE, 4 * PAGE));
    LOCKED(munlock(p + 3 * PAGE, PAGE));
    LOCKED(mlock2(p + 10 * PAGE, 10 * PAGE, MLOCK_ON_FAULT));
    printf("present %d\n", present(p + 10 * PAGE, 10));
    LOCKED(mlock(p, 0));
    LOCKED(syscall(SYS_mlock2, p, PAGE, 2));
    LOCKED(munmap(p + 12 * PAGE, PAGE));
    LOCKED(mlock(p + 11 * PAGE, 3 * PAGE));
    LOCKED(mlock(p + 12 * PAGE, PAGE));
    LOCKED(munlock(p + 11 * PAGE, 3 * PAGE));
    LOCKED(mlock((void *)-PAGE, 2 * PAGE));
    TRY(madvise(p + PAGE, PAGE, MADV_DONTNEED));
    TRY(madvise(p + PAGE, PAGE, MADV_FREE));
    TRY(madvise(p + PAGE, PAGE, COLD));
    TRY(madvise(p + PAGE, PAGE, DONTNEED_LOCKED));
    TRY(msync(p + PAGE, PAGE, MS_INVALIDATE | MS_SYNC));
    TRY(msync(p + PAGE, PAGE, MS_SYNC));
    LOCKED(mprotect(p + PAGE, PAGE, PROT_READ));
    LOCKED(munmap(p, 64 * PAGE));
    p = map(16, PROT_NONE, 0);
    LOCKED(mlock(p, 16 * PAGE));
    printf("present %d\n", present(p, 16));
    LOCKED(munmap(p, 16 * PAGE));
    p = map(16, PROT_READ | PROT_WRITE, MAP_LOCKED);
    printf("present %d, locked %ld kB\n", present(p, 16), locked_kb());
    p = mremap(p, 16 * PAGE, 32 * PAGE, MREMAP_MAYMOVE);
    NEED(p != MAP_FAILED);
    printf("present %d, locked %ld kB\n", present(p, 32), locked_kb());
    LOCKED(munmap(p + 8 * PAGE, 24 * PAGE));
    int status = -1;
    pid_t child = fork();
    if (!child)
        _exit(locked_kb() == 0 ? 0 : 1);
    waitpid(child, &status, 0);
    IS(status == 0);
    LOCKED(munmap(p, 8 * PAGE));
}

static void all(void)
{
    char *p = map(16, PROT_READ | PROT_WRITE, 0);
    TRY(mlockall(0));
    TRY(mlockall(8));
    TRY(mlockall(MCL_ONFAULT));
    TRY(mlockall(MCL_CURRENT));
    IS(locked_kb() > 100);
    IS(present(p, 16) == 16);
    LOCKED(munlockall());
    LOCKED(mlockall(MCL_FUTURE));
    char *q = map(16, PROT_READ | PROT_WRITE, 0);
    printf("present %d, locked %ld kB\n", present(q, 16), locked_kb());
    LOCKED(munlock(q, 16 * PAGE));
    LOCKED(munmap(q, 16 * PAGE));
    int status = -1;
    pid_t child = fork();
    if (!child) {
        map(16, PROT_READ | PROT_WRITE, 0);
        _exit(locked_kb() == 0 ? 0 : 1);
    }
    waitpid(child, &status, 0);
    IS(status == 0);
    LOCKED(munlockall());
    map(16, PROT_READ | PROT_WRITE, 0);
    printf("locked %ld kB\n", locked_kb());
    munmap(p, 16 * PAGE);
}

static void files(void)
{
    write_file("content", "x");
    int fd = open("content", O_RDWR);
    NEED(fd >= 0 && !ftruncate(fd, 3 * PAGE));
    char *p = mmap(NULL, 6 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    NEED(p != MAP_FAILED);
    LOCKED(mlock(p, 3 * PAGE));
    LOCKED(mlock(p, 6 * PAGE));
    LOCKED(munlock(p, 6 * PAGE));
    munmap(p, 6 * PAGE);
    close(fd);
}

// What a user without CAP_IPC_LOCK may lock.
static void limited(void)
{
    struct rlimit l = {16 * PAGE + 100, 20 * PAGE};
    TRY(setrlimit(RLIMIT_MEMLOCK, &l));
    char *p = map(64, PROT_READ | PROT_WRITE, 0);
    LOCKED(mlock(p, 64 * PAGE)); // still root
    munlock(p, 64 * PAGE);
    NEED(!setuid(1000));
    LOCKED(mlock(p, 17 * PAGE));
    LOCKED(mlock(p, 16 * PAGE));
    LOCKED(mlock(p + 8 * PAGE, 8 * PAGE));
    LOCKED(mlock(p + 8 * PAGE, 9 * PAGE));
    TRY(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));
    LOCKED(munlock(p, 4 * PAGE));
    char *q = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    IS(q != MAP_FAILED);
    LOCKED(mlock(p + 30 * PAGE, 2 * PAGE));
    LOCKED(mlock(p + 40 * PAGE, PAGE));
    TRY(mremap(q, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
    TRY(mlockall(MCL_CURRENT));
    LOCKED(mlockall(MCL_FUTURE));
    TRY(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    LOCKED(munlockall());
    l.rlim_cur = 0;
    TRY(setrlimit(RLIMIT_MEMLOCK, &l));
    TRY(mlock(p, PAGE));
    TRY(mlock(p, 0));
    TRY(mlock2(p, PAGE, MLOCK_ON_FAULT));
    TRY(mlockall(MCL_FUTURE));
    TRY(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));
    TRY(munlock(p, PAGE));
    TRY(munlockall());
}

// An ordinary user may lock a small program.
static void ordinary(void)
{
    NEED(!setuid(1000));
    TRY(mlockall(MCL_CURRENT));
    IS(locked_kb() > 100 && locked_kb() < 8192);
    TRY(mlockall(MCL_CURRENT | MCL_FUTURE));
    TRY(mmap(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    char *p = map(16, PROT_READ | PROT_WRITE, 0);
    TRY(mremap(p, 16 * PAGE, 8 << 20, MREMAP_MAYMOVE));
    long now = locked_kb();
    TRY(munlock(p, 16 * PAGE));
    printf("%ld kB less\n", now - locked_kb());
    TRY(munlockall());
    printf("locked %ld kB\n", locked_kb());
}

static void in_child(void (*f)(void))
{
    pid_t child = fork();
    if (!child) {
        f();
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct rlimit l;
    TRY(getrlimit(RLIMIT_MEMLOCK, &l));
    printf("%lu %lu\n", (unsigned long)l.rlim_cur, (unsigned long)l.rlim_max);
    counted();
    files();
    all();
    in_child(ordinary);
    in_child(limited);
    return 0;
}
