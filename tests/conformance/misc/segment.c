// SPDX-License-Identifier: MIT
//
// The FS base is the program's: it may point anywhere while system calls are made.
#include "conform.h"

enum { SET_FS = 0x1002, GET_FS = 0x1003 }; // asm/prctl.h, which musl lacks

// No stack protector and no library: both look at FS.
static inline __attribute__((always_inline)) long raw(long number, long a, long b, long c)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r;
}

static unsigned char bytes[65536];

__attribute__((optimize("no-stack-protector"))) static long fill_with_base(unsigned long base)
{
    unsigned long own;
    if (raw(SYS_arch_prctl, GET_FS, (long)&own, 0) || raw(SYS_arch_prctl, SET_FS, (long)base, 0))
        return -1;
    long n = raw(SYS_getrandom, (long)bytes, sizeof(bytes), 0);
    int fd = (int)raw(SYS_open, (long)"/proc/self/exe", O_RDONLY, 0);
    long m = raw(SYS_read, fd, (long)bytes, 4096);
    (void)raw(SYS_close, fd, 0, 0);
    (void)raw(SYS_arch_prctl, SET_FS, (long)own, 0);
    return n == sizeof(bytes) && m == 4096;
}

int main(int argc, char **argv)
{
    begin(argv);
    printf("base 0: %ld\n", fill_with_base(0));
    printf("base unmapped: %ld\n", fill_with_base(0x3000000000));
    printf("base of read-only data: %ld\n", fill_with_base((unsigned long)"text"));
    return 0;
}
