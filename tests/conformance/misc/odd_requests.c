// SPDX-License-Identifier: MIT
//
// Requests that programs make to learn what there is: prctl(2), flags of sigaction(2), numbers for kill(2), operations of futex(2).
//
// needs: glibc
#include "conform.h"
#include <linux/futex.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>

int prctl(int option, ...);

struct kernel_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

static void options(void)
{
    int v = 9;
    TRY(prctl(PR_GET_TIMING));
    TRY(prctl(PR_SET_TIMING, 0));
    TRY(prctl(PR_SET_TIMING, 1));
    TRY(prctl(PR_GET_SECCOMP));
    TRY(prctl(PR_GET_TSC, &v));
    printf("%d\n", v);
    TRY(prctl(PR_SET_TSC, PR_TSC_ENABLE));
    TRY(prctl(PR_SET_TSC, 5));
    TRY(prctl(PR_SET_KEEPCAPS, 1));
    TRY(prctl(PR_GET_SECUREBITS));
    TRY(prctl(PR_SET_SECUREBITS, 0));
    TRY(prctl(PR_GET_KEEPCAPS));
    TRY(prctl(PR_SET_SECUREBITS, 1 << 20));
    TRY(prctl(PR_TASK_PERF_EVENTS_DISABLE));
    TRY(prctl(PR_TASK_PERF_EVENTS_ENABLE));
    TRY(prctl(PR_MCE_KILL, 0, 1, 0, 0));
    TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
    TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
    TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
    TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0));
    TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
    TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
    TRY(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0));
    TRY(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(prctl(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0));
    TRY(prctl(PR_GET_SPECULATION_CTRL, 9, 0, 0, 0));
    TRY(prctl(PR_SET_SPECULATION_CTRL, 9, 0, 0, 0));
    TRY(prctl(PR_SET_SPECULATION_CTRL, 9, 0, 0, 1));
    IS(prctl(PR_GET_SPECULATION_CTRL, 0, 0, 0, 0) >= 0);
    TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
    TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, 9, 0, 0, 0));
}

static void signals(void)
{
    struct kernel_sigaction a = {.handler = SIG_IGN, .flags = 0xffffffff}, now;
    TRY(syscall(SYS_rt_sigaction, SIGUSR2, &a, NULL, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR2, NULL, &now, 8));
    printf("flags %lx\n", now.flags);
    TRY(kill(-999999, 65));
    TRY(kill(999999, 65));
    TRY(kill(getpid(), 65));
    TRY(kill(0x80000000, 0));
}

static void words(void)
{
    static uint32_t one = 5, two = 7;
    TRY(syscall(SYS_futex, &one, FUTEX_WAKE_OP, 1, 1, &two, FUTEX_OP(7, 1, FUTEX_OP_CMP_EQ, 7)));
    printf("%u\n", two);
    TRY(syscall(SYS_futex, &one, FUTEX_WAKE_OP, 1, 1, &two, FUTEX_OP(FUTEX_OP_ADD, 1, 9, 7)));
    printf("%u\n", two);
}

static void files(void)
{
    struct timeval t = {0, 1000500}, negative = {0, -1};
    write_file("f", "x");
    int fd = open("f", O_RDWR);
    TRY(mknod("odd", 0170000 | 0600, 0));
    TRY(mknod("folder", S_IFDIR | 0600, 0));
    TRY(fchownat(AT_FDCWD, "f", -1, -1, 1));
    TRY(fchownat(AT_FDCWD, "f", -1, -1, AT_SYMLINK_NOFOLLOW));
    TRY(fcntl(fd, F_NOTIFY, 1));
    TRY(select(0, NULL, NULL, NULL, &t));
    TRY(select(0, NULL, NULL, NULL, &negative));
    TRY(munmap(NULL, 1ul << 20));
    TRY(munmap(NULL, 1ul << 62));
    TRY(munmap((void *)(0x7ffffffff000ul - 4096), 4096));
    TRY(munmap((void *)0x7ffffffff000ul, 4096));
    OK(mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0));
}

int main(int argc, char **argv)
{
    begin(argv);
    options();
    signals();
    words();
    files();
    return 0;
}
