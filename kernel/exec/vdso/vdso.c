// SPDX-License-Identifier: MIT
//
// The vDSO (man 7 vdso): time without entering the kernel, from the clock page before it. Runs in the program, so a plain
// system call is always a correct way out.
#include <linux/time.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "kernel/time/clock_page.h"

extern const struct clock_page vdso_clock __attribute__((visibility("hidden")));

enum { NS_PER_SECOND = 1000000000 };

static long call2(long number, long a, long b)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "0"(number), "D"(a), "S"(b) : "rcx", "r11", "memory");
    return r;
}

// Whether it may be read before what stands before it, which takes half the time.
enum order { ORDERED, EARLY };

static inline uint64_t rdtsc(enum order order)
{
    uint32_t low, high;
    if (order == ORDERED)
        __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    else
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// 0 when the page cannot answer. Part of each caller: to call it would take a fifth of its time.
__attribute__((always_inline)) static inline int read_clock(enum order order, uint64_t *ret_monotonic, uint64_t *ret_offset)
{
    const volatile struct clock_page *c = &vdso_clock;
    for (;;) {
        uint32_t s = __atomic_load_n(&c->seq, __ATOMIC_ACQUIRE);
        uint64_t mult = c->mult, base = c->mono_base_ns, limit = c->tsc_limit;
        int64_t d = (int64_t)(rdtsc(order) - c->tsc_base);
        *ret_offset = c->real_offset_ns;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (__builtin_expect((s & 1) || !mult || d >= (int64_t)limit, 0))
            return 0;
        if (__builtin_expect(__atomic_load_n(&c->seq, __ATOMIC_RELAXED) != s, 0))
            continue;
        *ret_monotonic = base + (uint64_t)((unsigned __int128)(uint64_t)(d < 0 ? 0 : d) * mult >> CLOCK_PAGE_SHIFT);
        return 1;
    }
}

#define SET(clock) (1u << (clock))
// Coarse clocks may be behind the others, so they may be read early.
int __vdso_clock_gettime(int clock, struct __kernel_timespec *ts);
int __vdso_clock_gettime(int clock, struct __kernel_timespec *ts)
{
    const unsigned real = SET(CLOCK_REALTIME) | SET(CLOCK_REALTIME_COARSE);
    const unsigned coarse = SET(CLOCK_REALTIME_COARSE) | SET(CLOCK_MONOTONIC_COARSE);
    const unsigned known = real | coarse | SET(CLOCK_MONOTONIC) | SET(CLOCK_BOOTTIME) | SET(CLOCK_MONOTONIC_RAW);
    const unsigned set = (unsigned)clock < 32 ? SET(clock) : 0;
    uint64_t ns = 0, offset = 0;
    if (__builtin_expect(!(set & known) || !(set & coarse ? read_clock(EARLY, &ns, &offset) : read_clock(ORDERED, &ns, &offset)), 0))
        return (int)call2(SYS_clock_gettime, clock, (long)ts);
    ns += set & real ? offset : 0;
    ts->tv_sec = (long)(ns / NS_PER_SECOND);
    ts->tv_nsec = (long)(ns % NS_PER_SECOND);
    return 0;
}

int __vdso_gettimeofday(long *tv, void *zone);
int __vdso_gettimeofday(long *tv, void *zone)
{
    uint64_t ns, offset;
    if (zone || !tv || !read_clock(ORDERED, &ns, &offset))
        return (int)call2(SYS_gettimeofday, (long)tv, (long)zone);
    ns += offset;
    tv[0] = (long)(ns / NS_PER_SECOND);
    tv[1] = (long)(ns % NS_PER_SECOND / 1000);
    return 0;
}

long __vdso_time(long *t);
long __vdso_time(long *t)
{
    uint64_t ns, offset;
    if (!read_clock(EARLY, &ns, &offset))
        return call2(SYS_time, (long)t, 0);
    long s = (long)((ns + offset) / NS_PER_SECOND);
    if (t)
        *t = s;
    return s;
}

int __vdso_clock_getres(int clock, struct __kernel_timespec *ts);
int __vdso_clock_getres(int clock, struct __kernel_timespec *ts)
{
    return (int)call2(SYS_clock_getres, clock, (long)ts);
}

long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
    return call2(SYS_getcpu, (long)cpu, (long)node);
}

#define WEAK_ALIAS(name) __attribute__((weak, alias("__vdso_" #name)))
int clock_gettime(int clock, struct __kernel_timespec *ts) WEAK_ALIAS(clock_gettime);
int gettimeofday(long *tv, void *zone) WEAK_ALIAS(gettimeofday);
long time(long *t) WEAK_ALIAS(time);
int clock_getres(int clock, struct __kernel_timespec *ts) WEAK_ALIAS(clock_getres);
long getcpu(unsigned *cpu, unsigned *node, void *unused) WEAK_ALIAS(getcpu);
