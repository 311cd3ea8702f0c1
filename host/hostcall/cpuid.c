// SPDX-License-Identifier: MIT
#include "host/hostcall/cpuid.h"

#include <asm/prctl.h>
#include <cpuid.h>
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
