// SPDX-License-Identifier: MIT
//
// A system call instruction that begins on one page and ends on the next, in a program that runs again and again: also after the
// access of the second page alone was changed.
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

long straddle(void); // getppid
__asm__(".pushsection .text\n"
        ".balign 4096\n"
        "    .skip 4090, 0x90\n"
        "straddle:\n"
        "    mov $110, %eax\n"
        "    syscall\n" // at 4095
        "    nop\n"
        "    nop\n"
        "    nop\n"
        "    ret\n"
        ".popsection\n");

static int child(void)
{
    char *second = (char *)(((uintptr_t)straddle + 4096) & ~4095ul);
    int wrong = 0;
    for (int i = 0; i < 5; i++)
        wrong += straddle() != getppid();
    if (mprotect(second, 4096, PROT_READ | PROT_EXEC | PROT_WRITE))
        return 90;
    wrong += straddle() != getppid();
    if (mprotect(second, 4096, PROT_READ | PROT_EXEC))
        return 91;
    for (int i = 0; i < 5; i++)
        wrong += straddle() != getppid();
    return wrong;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return child();
    begin(argv);
    for (int i = 0; i < 4; i++) {
        int status = -1;
        pid_t pid = fork();
        NEED(pid >= 0);
        if (!pid) {
            execl("/proc/self/exe", "page_end", "child", "child", NULL);
            _exit(99);
        }
        waitpid(pid, &status, 0);
        printf("run %d: status %x\n", i, status);
    }
    return 0;
}
