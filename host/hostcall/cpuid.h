// SPDX-License-Identifier: MIT
//
// CPUID faulting, which many processors have and virtual machines give to their guests: arch_prctl(2), ARCH_SET_CPUID. A thread that
// starts another hands it on: end it first.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/hostcall.h"

// CPUID of the current thread traps (SIGSEGV) from now on, or no longer. 0, or -ENODEV: this processor cannot do it. For signal handlers,
// too: no thread-local storage.
long host_cpuid_trap(bool on);
// Where there is no CPUID faulting: breakpoints of the processor at up to four addresses (0: none), for the thread of this area; those
// before are gone. It gets SIGTRAP with TRAP_PERF when it is about to execute one (perf_event_open(2)). 0 or negative errno.
long host_cpuid_break(unsigned index, const uint64_t addresses[CPUID_BREAKS]);
// What CPUID answers, whether it traps just now or not.
void host_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4]);
// Whether this is the instruction. The address can be read.
static inline bool is_cpuid(const void *code)
{
    const uint8_t *c = code;
    return c[0] == 0x0f && c[1] == 0xa2;
}
enum { CPUID_TRAP_PERF = 6 }; // TRAP_PERF, which older C libraries do not name
// Such a breakpoint, by the signal's number and code.
static inline bool is_break(int number, int code)
{
    return number == SIGTRAP && code == CPUID_TRAP_PERF;
}
