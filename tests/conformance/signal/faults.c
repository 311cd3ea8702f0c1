// SPDX-License-Identifier: MIT
//
// Faults on memory: signal, code, trap number, error code, and the address as siginfo and as cr2 have it.
// root: numbers
#include "conform.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;
static char *base;

static void caught(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;
    const greg_t *r = u->uc_mcontext.gregs;
    printf("  signal %d code %d, trap %lld error %llx, address %+ld, cr2 %s\n", sig, info->si_code, (long long)r[REG_TRAPNO],
           (long long)r[REG_ERR], (long)((char *)info->si_addr - base),
           (uint64_t)r[REG_CR2] == (uint64_t)info->si_addr ? "the same" : "another");
    siglongjmp(back, 1);
}

#define FAULT(what, code)                                                                                    \
    do {                                                                                                     \
        printf("%s\n", what);                                                                                \
        if (!sigsetjmp(back, 1)) {                                                                           \
            code;                                                                                            \
            printf("  nothing\n");                                                                           \
        }                                                                                                    \
    } while (0)

static void read_at(const char *p)
{
    (void)*(const volatile char *)p;
}

static void write_at(char *p)
{
    *(volatile char *)p = 1;
}

static void run_at(char *p)
{
    ((void (*)(void))p)();
}

static void x87(void)
{
    const unsigned short control = 0x37b; // division by zero is not masked
    __asm__ volatile("fninit; fldcw %0; fldz; fld1; fdivp; fwait" ::"m"(control));
}

int main(int argc, char **argv)
{
    begin(argv);
    const struct sigaction act = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &act, NULL);
    sigaction(SIGBUS, &act, NULL);
    sigaction(SIGFPE, &act, NULL);
    base = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(base != MAP_FAILED);
    memset(base, 0xc3, 16 * 4096);
    NEED(munmap(base + 2 * 4096, 4096) == 0);
    FAULT("read where nothing is", read_at(base + 2 * 4096 + 5));
    FAULT("write where nothing is", write_at(base + 2 * 4096 + 6));
    FAULT("run where nothing is", run_at(base + 2 * 4096 + 7));
    NEED(mprotect(base + 3 * 4096, 4096, PROT_READ) == 0);
    FAULT("write to what is read only", write_at(base + 3 * 4096 + 9));
    FAULT("run what is data", run_at(base + 4096));
    NEED(mprotect(base + 5 * 4096, 4096, PROT_NONE) == 0);
    FAULT("read without access", read_at(base + 5 * 4096 + 1));
    FAULT("write without access", write_at(base + 5 * 4096 + 2));
    int fd = open("numbers", O_RDWR);
    NEED(fd >= 0 && ftruncate(fd, 100) == 0);
    char *file = mmap(base + 8 * 4096, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    NEED(file == base + 8 * 4096);
    FAULT("read in the file's last page", read_at(file + 200));
    FAULT("read behind the file", read_at(file + 4096 + 3));
    FAULT("write behind the file", write_at(file + 4096 + 4));
    NEED(ftruncate(fd, 0) == 0);
    FAULT("read what was cut off", read_at(file + 3));
    base = NULL;
    FAULT("null", read_at((char *)8));
    FAULT("run null", run_at((char *)0));
    FAULT("not canonical", read_at((char *)0x8000000000000000ul));
    if (!sigsetjmp(back, 1)) { // the address is that of an instruction
        base = (char *)x87;
        printf("x87\n");
        x87();
    }
    return 0;
}
