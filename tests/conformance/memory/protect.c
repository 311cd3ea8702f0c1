// SPDX-License-Identifier: MIT
//
// mprotect: what faults then, with which code, and what it refuses.
#include "conform.h"
#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static siginfo_t seen;

static void caught(int sig, siginfo_t *info, void *context)
{
    seen = *info;
    siglongjmp(back, 1);
}

static unsigned char *base;

static void touch(const char *what, volatile unsigned char *p, bool write)
{
    if (sigsetjmp(back, 1)) {
        printf("%s: signal %d code %d at +%ld\n", what, seen.si_signo, seen.si_code, (long)((unsigned char *)seen.si_addr - base));
        return;
    }
    if (write)
        *p = 1;
    else
        (void)*p;
    printf("%s: no fault\n", what);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
    NEED(!sigaction(SIGSEGV, &act, NULL));
    base = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(base != MAP_FAILED);
    base[0] = base[4096] = base[8192] = 7;
    TRY(mprotect(base + 4096, 4096, PROT_READ));
    touch("read of read-only", base + 4096 + 3, false);
    touch("write to read-only", base + 4096 + 3, true);
    touch("write in front", base + 4095, true);
    touch("write behind", base + 8192, true);
    TRY(mprotect(base + 4096, 4096, PROT_NONE));
    touch("read of nothing", base + 4096 + 3, false);
    TRY(mprotect(base + 4096, 4096, PROT_READ | PROT_WRITE));
    touch("write again", base + 4096 + 3, true);
    IS(base[4096] == 7 && base[4096 + 3] == 1);
    TRY(mprotect(base, 5 * 4096, PROT_NONE)); // touched and untouched pages alike
    touch("touched", base, false);
    touch("untouched", base + 4 * 4096, false);
    TRY(mprotect(base, 5 * 4096, PROT_READ));
    IS(base[0] == 7 && base[4 * 4096] == 0);
    TRY(munmap(base + 3 * 4096, 4096));
    touch("read of a gap", base + 3 * 4096 + 9, false);
    TRY(mprotect(base, 5 * 4096, PROT_READ | PROT_WRITE)); // over the gap
    touch("what was before the gap is writable", base + 2 * 4096, true);
    touch("what is behind the gap is not", base + 4 * 4096, true);
    TRY(syscall(SYS_mprotect, base + 1, 4096, PROT_READ));
    TRY(mprotect(base, 4096, 0xffff));
    TRY(mprotect(base, 0, PROT_READ));
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    NEED(fd >= 0);
    base = NULL;
    touch("address 0", NULL, false);
    touch("no canonical address", (void *)0x8000000000000000ul, false);
    // System calls do not fault.
    unsigned char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY(syscall(SYS_getcwd, none, 4096));
    TRY(syscall(SYS_fstat, fd, none));
    TRY(syscall(SYS_write, 1, none, 10));
    NEED(!mprotect(none, 4096, PROT_READ));
    TRY(syscall(SYS_getcwd, none, 4096));
    TRY(syscall(SYS_fstat, fd, none));
    return 0;
}
