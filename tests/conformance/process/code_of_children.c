// SPDX-License-Identifier: MIT
//
// Several children of one parent whose code is the same until one of them runs more of it: each goes on with its own.
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

// Places of their own, each a first time to whoever comes there.
#define CALL(name)                                                                                                     \
    static __attribute__((noinline)) long name(void)                                                                   \
    {                                                                                                                  \
        long r;                                                                                                        \
        __asm__ volatile("mov %1, %%eax\n syscall\n cmp $-4095, %%rax\n nop\n" : "=a"(r) : "i"(SYS_getpid) : "rcx", "r11", "memory"); \
        return r;                                                                                                      \
    }
CALL(first)
CALL(second)
CALL(third)
CALL(fourth)

static int wrong(long (*call)(void), int times)
{
    int n = 0;
    for (int i = 0; i < times; i++)
        n += call() != getpid();
    return n;
}

static pid_t child(int (*work)(const int *), const int *pipes)
{
    fflush(stdout);
    pid_t p = fork();
    if (!p)
        _exit(work(pipes));
    return p;
}

// Runs new code, says so, waits until others have come and gone, and runs it again.
static int early(const int *pipes)
{
    char c;
    int n = wrong(first, 5) + wrong(second, 5);
    NEED(write(pipes[1], "x", 1) == 1 && read(pipes[2], &c, 1) == 1);
    return n + wrong(first, 5) + wrong(second, 5) + wrong(third, 5);
}

static int late(const int *pipes)
{
    return wrong(fourth, 5) + wrong(first, 5) + wrong(third, 5);
}

// A page that cannot be read when children are made of it.
static int hidden(const int *pages)
{
    NEED(!mprotect((void *)(uintptr_t)pages, 4096, PROT_READ));
    return pages[0] != 4711;
}

// The same program again: where it cannot be moved, it wants the addresses that its relatives have.
static int again(const int *unused)
{
    execl("/proc/self/exe", "again", "child", (char *)NULL);
    return 1;
}

static int status(pid_t p)
{
    int s;
    NEED(waitpid(p, &s, 0) == p);
    return WIFEXITED(s) ? WEXITSTATUS(s) : 1000 + WTERMSIG(s);
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "child"))
        return 10 + wrong(first, 5);
    begin(argv);
    int there[2], back[2];
    char c;
    int *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(page != MAP_FAILED && !pipe(there) && !pipe(back));
    page[0] = 4711;
    NEED(!mprotect(page, 4096, PROT_NONE));
    const int pipes[3] = {there[0], there[1], back[0]};
    for (int round = 0; round < 3; round++) {
        pid_t a = child(early, pipes);
        NEED(read(there[0], &c, 1) == 1);
        printf("again %d\n", status(child(again, NULL)));
        pid_t b = child(late, pipes), d = child(late, pipes), e = child(hidden, page);
        printf("parent %d\n", wrong(first, 5) + wrong(fourth, 5));
        printf("late %d, ", status(b));
        printf("late %d, ", status(d));
        printf("hidden %d\n", status(e));
        printf("again %d\n", status(child(again, NULL)));
        NEED(write(back[1], "x", 1) == 1);
        printf("early %d\n", status(a));
    }
    return 0;
}
