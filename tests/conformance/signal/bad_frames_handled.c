// SPDX-License-Identifier: MIT
//
// A frame that cannot be made, or that is bad when its handler returns, is a SIGSEGV that a program may handle.
#include "conform.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>

static sigjmp_buf before;
static volatile int what, faults;
static volatile uintptr_t seen_at;

static void bad(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    seen_at = (uintptr_t)u->uc_mcontext.gregs[REG_RIP];
    printf("SIGSEGV, code %x, address %p\n", info->si_code, info->si_addr);
    faults++;
    if (what == 3)
        siglongjmp(before, 1);
}

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    printf("the handler runs (%d)\n", what);
    if (what == 1)
        u->uc_mcontext.fpregs = (void *)((uintptr_t)u->uc_mcontext.fpregs + 8);
    if (what == 3)
        u->uc_mcontext.gregs[REG_RIP] = 0x800000000000;
    sigaddset(&u->uc_sigmask, SIGUSR2);
}

// Nothing can be written to the alternate stack.
static void no_frame(void)
{
    void *closed = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const stack_t stack = {.ss_sp = closed, .ss_size = 65536}, none = {.ss_flags = SS_DISABLE};
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    NEED(!sigaction(SIGUSR1, &action, NULL) && !sigaltstack(&stack, NULL));
    what = 0;
    raise(SIGUSR1);
    printf("behind it, %d\n", faults);
    NEED(!sigaltstack(&none, NULL));
    raise(SIGUSR1);
}

static void bad_frame(void)
{
    sigset_t now;
    what = 1;
    raise(SIGUSR1);
    printf("behind it, %d\n", faults);
    sigprocmask(SIG_SETMASK, NULL, &now);
    IS(sigismember(&now, SIGUSR2)); // as the frame said
    what = 3;
    if (!sigsetjmp(before, 1))
        raise(SIGUSR1);
    printf("at %lx\n", (unsigned long)seen_at);
}

// No handler, or one that is blocked: the end.
static void death(bool blocked)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (!pid) {
        if (!blocked)
            signal(SIGSEGV, SIG_IGN);
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
        NEED(!sigaction(SIGUSR1, &action, NULL));
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGSEGV);
        if (blocked)
            sigprocmask(SIG_BLOCK, &set, NULL);
        what = 1;
        raise(SIGUSR1);
        _exit(7);
    }
    NEED(waitpid(pid, &status, 0) == pid);
    printf("killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction action = {.sa_sigaction = bad, .sa_flags = SA_SIGINFO};
    NEED(!sigaction(SIGSEGV, &action, NULL));
    no_frame();
    bad_frame();
    death(false);
    death(true);
    return 0;
}
