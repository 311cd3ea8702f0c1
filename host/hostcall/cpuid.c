// SPDX-License-Identifier: MIT
#include "host/hostcall/cpuid.h"

#include <asm/prctl.h>
#include <cpuid.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "host/hostcall/server.h"

static volatile int never; // none of these calls waits

static long prctl2(uint64_t code, uint64_t argument)
{
    const uint64_t arg[6] = {code, argument};
    return host_syscall_raw(SYS_arch_prctl, arg, &never);
}

long host_cpuid_trap(bool on)
{
    return prctl2(ARCH_SET_CPUID, !on);
}

void host_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    const bool traps = prctl2(ARCH_GET_CPUID, 0) == 0;
    if (traps)
        (void)host_cpuid_trap(false);
    __cpuid_count(leaf, subleaf, ret[0], ret[1], ret[2], ret[3]);
    if (traps)
        (void)host_cpuid_trap(true);
}

static long open_break(uint64_t address)
{
    struct perf_event_attr a = {
        .type = PERF_TYPE_BREAKPOINT,
        .size = sizeof(a),
        .bp_type = HW_BREAKPOINT_X,
        .bp_addr = address,
        .bp_len = sizeof(long),
        .sample_period = 1,
        .sigtrap = 1,
        .remove_on_exec = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
    const uint64_t arg[6] = {(uint64_t)&a, 0, (uint64_t)-1, (uint64_t)-1, PERF_FLAG_FD_CLOEXEC};
    return host_syscall_raw(SYS_perf_event_open, arg, &never);
}

static void close_breaks(struct host_thread *t)
{
    for (unsigned i = 0; i < CPUID_BREAKS; i++) {
        const uint64_t arg[6] = {(uint64_t)t->breaks[i] - 1};
        if (t->breaks[i])
            (void)host_syscall_raw(SYS_close, arg, &never);
        t->breaks[i] = 0;
    }
}

long host_cpuid_break(unsigned index, const uint64_t addresses[CPUID_BREAKS])
{
    struct host_thread *t = &host_threads[index];
    close_breaks(t);
    for (unsigned i = 0; i < CPUID_BREAKS; i++) {
        long fd = addresses[i] ? open_break(addresses[i]) : 0;
        if (fd < 0) {
            close_breaks(t);
            return fd;
        }
        t->breaks[i] = addresses[i] ? (int)fd + 1 : 0;
    }
    return 0;
}
