// SPDX-License-Identifier: MIT
//
// A program that sets TF in its flags: SIGTRAP after each instruction, through handlers and system calls. An enclave does not single-step
// (single_step.sgx.out): the flag has no effect there.
#include "conform.h"
#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>

#define TF 0x100l

static volatile int steps, enough;

static void on_step(int sig, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (!steps)
        printf("signal %d, code %d, here %d, trap %d, flag %d\n", sig, info->si_code, (greg_t)(uintptr_t)info->si_addr == g[REG_RIP],
               (int)g[REG_TRAPNO], !!(g[REG_EFL] & TF));
    if (++steps == enough)
        g[REG_EFL] &= ~TF;
}

#define STEP_OVER(code)                                                                                                                   \
    __asm__ volatile("sub $256, %%rsp; pushfq; orq $0x100, (%%rsp); popfq\n" code "pushfq; andq $~0x100, (%%rsp); popfq; add $256, %%rsp" \
                     :                                                                                                                    \
                     :                                                                                                                    \
                     : "rax", "rcx", "rdx", "r11", "cc", "memory")

static int steps_of(int most)
{
    steps = 0;
    enough = most;
    STEP_OVER("nop; nop; nop; nop; nop; nop; nop; nop; nop; nop\n");
    return steps;
}

static long with_call(void)
{
    long pid;
    steps = 0;
    enough = 1000;
    __asm__ volatile("sub $256, %%rsp; pushfq; orq $0x100, (%%rsp); popfq\n mov $39, %%eax\n syscall\n mov %%rax, %0\n"
                     "pushfq; andq $~0x100, (%%rsp); popfq; add $256, %%rsp"
                     : "=r"(pid)
                     :
                     : "rax", "rcx", "rdx", "r11", "cc", "memory");
    return pid;
}

int main(int argc, char **argv)
{
    begin(argv);
    setbuf(stdout, NULL);
    pid_t child = fork();
    if (!child) {
        STEP_OVER("nop\n");
        _exit(0);
    }
    int status = 0;
    NEED(waitpid(child, &status, 0) == child);
    printf("default: %x\n", status);
    const struct sigaction a = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
    NEED(!sigaction(SIGTRAP, &a, NULL));
    printf("steps: %d\n", steps_of(5));
    printf("steps: %d\n", steps_of(1000));
    for (int i = 0; i < 4; i++) { // its site is rewritten meanwhile
        bool right = with_call() == getpid();
        printf("a call: %d, %s\n", right, steps >= 5 ? "stepped" : "not stepped");
    }
    return 0;
}
