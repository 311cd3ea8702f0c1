// SPDX-License-Identifier: MIT
//
// Ten thousand handlers left by longjmp, and ten thousand that return.
#include "conform.h"
#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile int jumps, returns;
static char *page;

static void jump(int sig)
{
    jumps++;
    siglongjmp(back, 1);
}

static void repair(int sig)
{
    returns++;
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGUSR1, jump);
    for (volatile int i = 0; i < 10000; i++)
        if (!sigsetjmp(back, 1))
            raise(SIGUSR1);
    printf("%d\n", jumps);
    signal(SIGSEGV, repair);
    page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (volatile int i = 0; i < 3000; i++) {
        mprotect(page, 4096, PROT_NONE);
        (*(volatile int *)page)++;
    }
    printf("%d %d\n", returns, *(int *)page);
    return 0;
}
