// SPDX-License-Identifier: MIT
//
// A handler sees and changes the registers of what it interrupted.
#include "conform.h"
#include <ucontext.h>

static void skip(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    greg_t *r = u->uc_mcontext.gregs;
    printf("signal %d: rax %llx rbx %llx r12 %llx trap %lld error %lld\n", sig, (unsigned long long)r[REG_RAX],
           (unsigned long long)r[REG_RBX], (unsigned long long)r[REG_R12], (long long)r[REG_TRAPNO], (long long)r[REG_ERR]);
    IS(r[REG_CR2] == (greg_t)info->si_addr);
    r[REG_RAX] = 0x1111;
    r[REG_R12] = 0x2222;
    r[REG_RIP] += 2;             // of mov %al, (%rbx)
    r[REG_EFL] |= 1;             // carry
    u->uc_mcontext.fpregs->mxcsr = 0x1f80 | 0x8000;
    memset(&u->uc_mcontext.fpregs->_xmm[7], 0x5a, 16);
    sigaddset(&u->uc_sigmask, SIGUSR2);
}

static int order[8], used;
static void note(int sig, siginfo_t *info, void *context)
{
    order[used++] = sig;
    if (sig == SIGUSR1)
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_RBX] = 0x77;
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &act, NULL);
    uint64_t rax = 0xaaaa, r12 = 0xcccc, carry = 0;
    uint64_t xmm[2] = {1, 2};
    uint32_t mxcsr = 0;
    __asm__ volatile("mov %[bad], %%rbx\n mov %[a], %%rax\n mov %[c], %%r12\n pxor %%xmm7, %%xmm7\n clc\n"
                     "movb %%al, (%%rbx)\n"
                     "setc %%bl\n movzbq %%bl, %%rbx\n mov %%rbx, %[carry]\n mov %%rax, %[a]\n mov %%r12, %[c]\n movdqu %%xmm7, %[x]\n"
                     "stmxcsr %[m]\n"
                     : [a] "+m"(rax), [c] "+m"(r12), [carry] "=m"(carry), [x] "=m"(xmm), [m] "=m"(mxcsr)
                     : [bad] "i"(0x1234)
                     : "rax", "rbx", "r12", "xmm7", "memory", "cc");
    printf("rax %lx r12 %lx carry %ld xmm7 %lx mxcsr %x\n", rax, r12, carry, xmm[1], mxcsr);
    mxcsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    IS(sigismember(&set, SIGUSR2));
    // The same for a signal that is sent: registers that the system call leaves alone are the handler's to change.
    act.sa_sigaction = note;
    sigaction(SIGUSR1, &act, NULL);
    uint64_t rbx = 0x55;
    long result;
    __asm__ volatile("mov %[b], %%rbx\n syscall\n mov %%rbx, %[b]\n"
                     : "=a"(result), [b] "+m"(rbx)
                     : "0"(SYS_tgkill), "D"(getpid()), "S"(syscall(SYS_gettid)), "d"(SIGUSR1)
                     : "rbx", "rcx", "r11", "memory");
    printf("result %ld rbx %lx, %d signals\n", result, rbx, used);
    return 0;
}
