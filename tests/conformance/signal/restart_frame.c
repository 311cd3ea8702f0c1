// SPDX-License-Identifier: MIT
//
// What a handler sees of a system call that will be restarted: rip at the instruction, rax the number. Several times at one site.
#include "asleep.h"
#include "conform.h"
#include <sys/wait.h>
#include <ucontext.h>

static int ends[2];
static volatile uint64_t seen_rip, seen_rax;

static void handler(int sig, siginfo_t *info, void *context)
{
    const greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    seen_rip = (uint64_t)g[REG_RIP];
    seen_rax = (uint64_t)g[REG_RAX];
    NEED(write(ends[1], "x", 1) == 1);
}

static __attribute__((noinline)) long read_byte(char *c, uint64_t *ret_site)
{
    long r;
    uint64_t site;
    __asm__ volatile("lea 1f(%%rip), %1\n1: syscall\n\tnopl 0(%%rax)\n\tnopl 0(%%rax)"
                     : "=a"(r), "=&b"(site)
                     : "0"(SYS_read), "D"(ends[0]), "S"(c), "d"(1)
                     : "rcx", "r11", "memory");
    *ret_site = site;
    return r;
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGUSR1, &act, NULL);
    NEED(!pipe(ends));
    for (int i = 0; i < 5; i++) {
        char c = 0;
        uint64_t site;
        pid_t parent = getpid(), child = fork();
        if (!child) {
            until_sleeps(parent);
            _exit(kill(parent, SIGUSR1));
        }
        long r = read_byte(&c, &site);
        NEED(waitpid(child, NULL, 0) == child);
        printf("read %ld %c\n", r, c);
        IS(seen_rip == site);
        IS(seen_rax == SYS_read);
    }
    return 0;
}
