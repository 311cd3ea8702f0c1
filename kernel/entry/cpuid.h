// SPDX-License-Identifier: MIT
//
// CPUID of programs. An enclave forbids the instruction, and a virtual machine leaves for its host at each one, for microseconds; C
// libraries execute dozens at start. So a site that trapped is rewritten like one of a system call (kernel/rewrite), and answers are
// remembered.
//
// Where CPUID does not trap by itself, in software SGX and on the linux target, the host can make it trap for a thread, if its processor
// can (arch_prctl(2), ARCH_SET_CPUID). That costs each change of threads something, so it is done for one start of a program: the second,
// when its text is there with the sites that were rewritten before, until the thread sleeps, starts another one, or ends. Where the
// processor cannot (no virtual machine of AMD's could so far, and each CPUID costs 3.6 us in one), breakpoints find out which of the
// places that look like CPUID are executed as that, four in each start.
//
// What a hostile host can try here, and the answer: lie about the processor, at boot or later. Programs may then choose an instruction that
// faults (denial of service) or a slower path; nothing secret depends on it.
#pragma once

#include <stdbool.h>

struct regs;
struct thread;
struct trap;

void cpuid_entry_fast(void); // entry.S
// The instruction was executed: fills rax, rbx, rcx and rdx.
void cpuid_answer(struct regs *regs);
// A trap of the current program's: true if it was CPUID, and that is dealt with.
bool cpuid_trapped(struct regs *regs, const struct trap *t);
// The current thread is about to begin a program.
void cpuid_watch_begin(void);
// What began is over. Quick when nothing did.
void cpuid_watch_end(struct thread *t);
