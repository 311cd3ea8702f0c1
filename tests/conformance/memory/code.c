// SPDX-License-Identifier: MIT
//
// Code that a program makes: executable pages, changed code, execution of what is not executable.
#include "conform.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;

static void caught(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    printf("signal %d code %d, address is the instruction: %d\n", sig, info->si_code,
           info->si_addr == (void *)u->uc_mcontext.gregs[REG_RIP]);
    siglongjmp(back, 1);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
    NEED(!sigaction(SIGSEGV, &act, NULL));
    static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; // mov $42, %eax; ret
    unsigned char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    memcpy(p, code, sizeof(code));
    int (*run)(void) = (int (*)(void))p;
    if (!sigsetjmp(back, 1))
        printf("not executable: %d\n", run());
    TRY(mprotect(p, 4096, PROT_READ | PROT_EXEC));
    printf("executable: %d\n", run());
    TRY(mprotect(p, 4096, PROT_READ | PROT_WRITE));
    p[1] = 43;
    TRY(mprotect(p, 4096, PROT_READ | PROT_EXEC));
    printf("changed: %d\n", run());
    TRY(mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
    for (int i = 0; i < 3; i++) {
        p[1] = (unsigned char)(100 + i);
        printf("writable and executable: %d\n", run());
    }
    // Code across a page boundary.
    TRY(mprotect(p, 8192, PROT_READ | PROT_WRITE | PROT_EXEC));
    memcpy(p + 4093, code, sizeof(code));
    printf("across pages: %d\n", ((int (*)(void))(p + 4093))());
    TRY(munmap(p, 8192));
    if (!sigsetjmp(back, 1))
        printf("unmapped: %d\n", run());
    return 0;
}
