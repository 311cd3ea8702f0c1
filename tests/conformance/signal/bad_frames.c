// SPDX-License-Identifier: MIT
//
// What a handler may write into the vector state of its frame, and what ends the program when it returns.
#include "conform.h"
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

enum { SOFTWARE_BYTES = 464, HEADER = 512 };

static int what;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    uint8_t *area = (uint8_t *)u->uc_mcontext.fpregs;
    uint32_t size;
    memcpy(&size, area + SOFTWARE_BYTES + 16, sizeof(size)); // xstate_size
    switch (what) {
    case 1: // a feature that no processor has
        area[HEADER + 7] |= 0x40;
        break;
    case 2: // reserved bytes of the header
        area[HEADER + 40] = 1;
        break;
    case 3: // a reserved bit of MXCSR
        area[24 + 3] = 1;
        break;
    case 4: // not aligned
        u->uc_mcontext.fpregs = (void *)(area + 8);
        break;
    case 5: // no address
        u->uc_mcontext.fpregs = (void *)0x123000000000;
        break;
    case 6: // of the kernel
        u->uc_mcontext.fpregs = (void *)0xffff800000000000;
        break;
    case 7: // nothing: everything becomes initial
        u->uc_mcontext.fpregs = NULL;
        break;
    case 8: // without its header: FXSAVE's image only
        memset(area + SOFTWARE_BYTES, 0, 4);
        area[160 + 3 * 16] = 77; // XMM3
        break;
    case 9: // nothing is present: everything becomes initial
        memset(area + HEADER, 0, 8);
        break;
    case 10: // the last word is not there
        memset(area + size, 0, 4);
        area[160 + 3 * 16] = 78;
        break;
    default:
        area[160 + 3 * 16] = 79;
    }
}

static int raises(void)
{
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    NEED(!sigaction(SIGUSR1, &sa, NULL));
    uint64_t x[2] = {5, 6};
    long number = SYS_tgkill, pid = getpid(), tid = syscall(SYS_gettid), sig = SIGUSR1;
    __asm__ volatile("movdqu %[x], %%xmm3\n syscall\n movdqu %%xmm3, %[x]"
                     : [x] "+m"(x), "+a"(number)
                     : "D"(pid), "S"(tid), "d"(sig)
                     : "rcx", "r11", "xmm3", "memory");
    return (int)x[0];
}

int main(int argc, char **argv)
{
    begin(argv);
    for (what = 0; what <= 10; what++) {
        fflush(stdout);
        pid_t child = fork();
        if (!child)
            _exit(raises());
        int status;
        NEED(waitpid(child, &status, 0) == child);
        printf("%d: %s %d\n", what, WIFEXITED(status) ? "exit" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    }
    return 0;
}
