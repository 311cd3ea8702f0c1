// SPDX-License-Identifier: MIT
//
// The alignment check flag is the program's alone: system calls, page faults and signals do not mind it.
#include "conform.h"
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>

#define RED_ZONE "128"
#define WITH_CHECK(instructions)                                                             \
    "lea -" RED_ZONE "(%%rsp), %%rsp; pushf; orl $0x40000, (%%rsp); popf;" instructions      \
    "; pushf; andl $~0x40000, (%%rsp); popf; lea " RED_ZONE "(%%rsp), %%rsp"

static long call(long number, const void *a, const void *b, long c)
{
    long r;
    __asm__ volatile(WITH_CHECK("syscall") : "=a"(r) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r;
}

static volatile sig_atomic_t seen, code;

static void handler(int sig, siginfo_t *info, void *context)
{
    __asm__ volatile("lea -" RED_ZONE "(%%rsp), %%rsp; pushf; andl $~0x40000, (%%rsp); popf; lea " RED_ZONE "(%%rsp), %%rsp"
                     :
                     :
                     : "memory");
    ucontext_t *uc = context;
    seen = sig;
    code = info->si_code;
    if (sig == SIGBUS)
        uc->uc_mcontext.gregs[REG_EFL] &= ~0x40000;
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGBUS, &act, NULL);
    int pipes[2];
    static char text[4096];
    NEED(!pipe(pipes));
    int wrong = 0;
    for (int i = 0; i < 500; i++)
        wrong += call(SYS_write, (void *)(long)pipes[1], text + 1, 77) != 77 || call(SYS_read, (void *)(long)pipes[0], text + 3, 77) != 77;
    IS(wrong == 0);
    const struct timespec soon = {.tv_nsec = 1000};
    TRY(call(SYS_nanosleep, &soon, NULL, 0));
    TRY(call(SYS_kill, (void *)(long)getpid(), (void *)(long)SIGUSR1, 0));
    IS(seen == SIGUSR1);
    char *fresh = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    __asm__ volatile(WITH_CHECK("movl $5, (%0)") : : "r"(fresh + 4096) : "memory");
    printf("%d\n", fresh[4096]);
    int missed;
    __asm__ volatile(WITH_CHECK("movl 1(%1), %0") : "=r"(missed) : "r"(fresh) : "memory");
    printf("signal %d code %d\n", seen, code);
    return 0;
}
