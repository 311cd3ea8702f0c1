// SPDX-License-Identifier: MIT
//
// From the program's registers to a system call body: one bounds check, one table look-up, one typed shim. Reached by plain
// jumps from patched sites, so this path is the speed of the product: no lock, no trace work unless asked for.
#include <stdbool.h>

#include <linux/errno.h>

#include "kernel/boot/config.h"
#include "kernel/entry/regs.h"
#include "kernel/lib/check.h"
#include "kernel/syscall/dispatch.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/task.h"
#include "kernel/trace/log.h"

// Shims: narrow raw registers to the types of the body, so that no function pointer is ever cast.
#define R1(k) (TYPE_##k) r->rdi
#define R2(k) (TYPE_##k) r->rsi
#define R3(k) (TYPE_##k) r->rdx
#define R4(k) (TYPE_##k) r->r10
#define R5(k) (TYPE_##k) r->r8
#define R6(k) (TYPE_##k) r->r9
#define SHIM(n, ...)                                                                                         \
    static long call_##n(const struct regs *r)                                                               \
    {                                                                                                        \
        return sys_##n(__VA_ARGS__);                                                                         \
    }
#define SYS0(nr, n) SHIM(n)
#define SYS1(nr, n, k1, a1) SHIM(n, R1(k1))
#define SYS2(nr, n, k1, a1, k2, a2) SHIM(n, R1(k1), R2(k2))
#define SYS3(nr, n, k1, a1, k2, a2, k3, a3) SHIM(n, R1(k1), R2(k2), R3(k3))
#define SYS4(nr, n, k1, a1, k2, a2, k3, a3, k4, a4) SHIM(n, R1(k1), R2(k2), R3(k3), R4(k4))
#define SYS5(nr, n, k1, a1, k2, a2, k3, a3, k4, a4, k5, a5) SHIM(n, R1(k1), R2(k2), R3(k3), R4(k4), R5(k5))
#define SYS6(nr, n, k1, a1, k2, a2, k3, a3, k4, a4, k5, a5, k6, a6)                                          \
    SHIM(n, R1(k1), R2(k2), R3(k3), R4(k4), R5(k5), R6(k6))
#define ABSENT(nr, n, reason)
#include "kernel/syscall/table.def"
#include "kernel/syscall/undef.h"

static long (*const calls[SYSCALL_TABLE_SIZE])(const struct regs *) = {
#define SYS0(nr, n) [nr] = call_##n,
#define SYS1(nr, n, ...) [nr] = call_##n,
#define SYS2(nr, n, ...) [nr] = call_##n,
#define SYS3(nr, n, ...) [nr] = call_##n,
#define SYS4(nr, n, ...) [nr] = call_##n,
#define SYS5(nr, n, ...) [nr] = call_##n,
#define SYS6(nr, n, ...) [nr] = call_##n,
#define ABSENT(nr, n, reason)
#include "kernel/syscall/table.def"
#include "kernel/syscall/undef.h"
};

static const struct absent {
    uint16_t nr;
    const char *label;
} absent[] = {
#define SYS0(nr, n)
#define SYS1(nr, n, ...)
#define SYS2(nr, n, ...)
#define SYS3(nr, n, ...)
#define SYS4(nr, n, ...)
#define SYS5(nr, n, ...)
#define SYS6(nr, n, ...)
#define ABSENT(nr, n, reason) {nr, #n},
#include "kernel/syscall/table.def"
#include "kernel/syscall/undef.h"
};

static uint32_t absent_counts[SYSCALL_TABLE_SIZE]; // relaxed counters
static uint32_t unknown_count;                     // numbers outside the table
static uint32_t unknown_last;

uint8_t syscall_tracing;

static long call_absent(uint32_t nr)
{
    if (nr < SYSCALL_TABLE_SIZE) {
        __atomic_fetch_add(&absent_counts[nr], 1, __ATOMIC_RELAXED);
    } else {
        __atomic_fetch_add(&unknown_count, 1, __ATOMIC_RELAXED);
        unknown_last = nr;
    }
    if (config_get()->flags & CONFIG_UNHANDLED_SYSCALL_FATAL)
        kernel_stop("unhandled system call %u", nr);
    return -ENOSYS;
}

static inline long call(const struct regs *regs, uint32_t nr)
{
    if (__builtin_expect(nr >= SYSCALL_TABLE_SIZE || !calls[nr], 0))
        return call_absent(nr);
    return calls[nr](regs);
}

void syscall_entry(struct regs *regs)
{
    current_thread()->regs = regs;
    uint32_t nr = (uint32_t)regs->orig_rax; // as Linux: eax decides
    long result = call(regs, nr);
    if (__builtin_expect(syscall_tracing, 0))
        strace_call(regs, result);
    regs->rax = (uint64_t)result;
}

void syscall_boot(void)
{
    syscall_tracing = boot_strace();
}

void syscall_report_absent(void)
{
    if (!syscall_tracing)
        return;
    for (unsigned i = 0; i < sizeof(absent) / sizeof(*absent); i++) {
        uint32_t count = absent_counts[absent[i].nr];
        if (count)
            log_line("myst: unimplemented system call %s (%u): %u times", absent[i].label, absent[i].nr, count);
    }
    if (unknown_count)
        log_line("myst: system calls with unknown numbers (last %u): %u times", unknown_last, unknown_count);
}
