// SPDX-License-Identifier: MIT
//
// Processor exceptions and the signals they become.
#include "conform.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf back;

static void caught(int sig, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (sig == SIGTRAP)
        printf("  behind %x\n", ((const uint8_t *)r[REG_RIP])[-1]);
    printf("  signal %d code %d, trap %lld error %lld, address %s\n", sig, info->si_code, (long long)r[REG_TRAPNO], (long long)r[REG_ERR],
           info->si_addr == (void *)r[REG_RIP] ? "of the instruction" : info->si_addr ? "another" : "0");
    siglongjmp(back, 1);
}

#define RAISE(name, code)                                                                                    \
    do {                                                                                                     \
        printf("%s\n", name);                                                                                \
        if (!sigsetjmp(back, 1)) {                                                                           \
            __asm__ volatile(code ::: "rax", "rdx", "rcx", "rbx", "memory", "cc");                           \
            printf("  nothing\n");                                                                           \
        }                                                                                                    \
    } while (0)

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER};
    static const int all[] = {SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGBUS};
    for (int i = 0; i < 5; i++)
        sigaction(all[i], &act, NULL);
    RAISE("ud2", "ud2");
    RAISE("int3", "int3");
    RAISE("int 3", ".byte 0xcd, 0x03");
    RAISE("divide by zero", "xor %%ecx, %%ecx; xor %%edx, %%edx; mov $1, %%eax; div %%ecx");
    RAISE("quotient too large", "mov $1, %%edx; xor %%eax, %%eax; mov $1, %%ecx; div %%ecx");
    RAISE("hlt", "hlt");
    RAISE("cli", "cli");
    RAISE("in", "xor %%edx, %%edx; in %%dx, %%al");
    RAISE("mov to cr3", "mov %%rax, %%cr3");
    RAISE("rdmsr", "rdmsr");
    RAISE("not canonical", "movabs $0x8000000000000000, %%rax; mov (%%rax), %%rax");
    RAISE("misaligned", "lea 1(%%rsp), %%rax; and $-16, %%rax; movaps 1(%%rax), %%xmm0");
    RAISE("undefined", ".byte 0x0f, 0xff, 0xc0");
    RAISE("in 32-bit mode only", ".byte 0x06"); // push %es
    unsigned mxcsr = 0x1f80 & ~0x200u;
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
    RAISE("floating point", "pxor %%xmm0, %%xmm0; mov $1, %%eax; cvtsi2sd %%eax, %%xmm1; divsd %%xmm0, %%xmm1");
    mxcsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
    return 0;
}
