// SPDX-License-Identifier: MIT
//
// System calls without libc.
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emu/state.h"

long emu_raw6(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = f;
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return r;
}

long emu_raw(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return emu_raw6(number, a, b, c, d, 0, 0);
}

static size_t length_of(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

void emu_die(const char *reason)
{
    static const char prefix[] = "myst: software SGX: ";
    (void)emu_raw(SYS_write, STDERR_FILENO, (uint64_t)prefix, sizeof(prefix) - 1, 0);
    (void)emu_raw(SYS_write, STDERR_FILENO, (uint64_t)reason, length_of(reason), 0);
    (void)emu_raw(SYS_write, STDERR_FILENO, (uint64_t)"\n", 1, 0);
    for (;;)
        (void)emu_raw(SYS_exit_group, 134, 0, 0, 0);
}
