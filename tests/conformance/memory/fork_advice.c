// SPDX-License-Identifier: MIT
//
// What a child gets of memory whose owner does not want it copied: MADV_DONTFORK, MADV_WIPEONFORK.
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#define MADV_KEEPONFORK 19
#endif
#define PAGE 4096
#define SHOW(format, value) printf(#value ": " format "\n", value)

static void in_child(void (*look)(volatile unsigned char *), volatile unsigned char *p)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (!pid) {
        look(p);
        fflush(stdout);
        _exit(0);
    }
    NEED(waitpid(pid, &status, 0) == pid);
    SHOW("%d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void print(volatile unsigned char *p)
{
    SHOW("%d", p[0]);
    SHOW("%d", p[PAGE]);
    SHOW("%d", p[2 * PAGE]);
}

static void print_twice(volatile unsigned char *p)
{
    print(p);
    p[PAGE] = 77; // its own
    in_child(print, p); // the advice is inherited
    SHOW("%d", p[PAGE]);
}

static void fill_anew(volatile unsigned char *p)
{
    unsigned char there;
    SHOW("%d", mincore((void *)(p + PAGE), PAGE, &there));
    IS(mmap((void *)(p + PAGE), PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + PAGE);
    p[PAGE] = 55;
    print(p);
}

static void wipe(unsigned char *p)
{
    TRY(madvise(p + PAGE, PAGE, MADV_WIPEONFORK));
    in_child(print_twice, p);
    print(p);
    TRY(mprotect(p, 3 * PAGE, PROT_READ));
    in_child(print, p);
    TRY(mprotect(p, 3 * PAGE, PROT_READ | PROT_WRITE));
    TRY(madvise(p + PAGE, PAGE, MADV_KEEPONFORK));
    in_child(print, p);
}

static void dont_fork(unsigned char *p)
{
    TRY(madvise(p + PAGE, PAGE, MADV_DONTFORK));
    in_child(print, p); // it dies
    in_child(fill_anew, p);
    print(p);
    TRY(madvise(p + PAGE, PAGE, MADV_DOFORK));
    in_child(print, p);
}

// Large memory, which parent and child have together until one of them writes.
static void large(void)
{
    const size_t size = 1024 * PAGE;
    unsigned char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    memset(p, 3, size);
    in_child(print, p);
    TRY(madvise(p + PAGE, PAGE, MADV_WIPEONFORK));
    in_child(print, p);
    TRY(madvise(p, size, MADV_WIPEONFORK));
    in_child(print, p);
    TRY(madvise(p, size, MADV_KEEPONFORK));
    TRY(madvise(p + PAGE, size - 2 * PAGE, MADV_DONTFORK));
    in_child(fill_anew, p);
    print(p);
    TRY(munmap(p, size));
}

static void refusals(unsigned char *p)
{
    unsigned char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(shared != MAP_FAILED);
    TRY(madvise(shared, PAGE, MADV_WIPEONFORK));
    TRY(madvise(shared, PAGE, MADV_DONTFORK));
    TRY(madvise(p + 1, PAGE, MADV_DONTFORK));
    NEED(!munmap(p + PAGE, PAGE));
    TRY(madvise(p, 3 * PAGE, MADV_WIPEONFORK));
    TRY(madvise(p, 3 * PAGE, MADV_KEEPONFORK));
}

int main(int argc, char **argv)
{
    begin(argv);
    unsigned char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    p[0] = 1;
    p[PAGE] = 2;
    p[2 * PAGE] = 3;
    wipe(p);
    dont_fork(p);
    large();
    refusals(p);
    return 0;
}
