// SPDX-License-Identifier: MIT
//
// Exceptions that the program ran into: pages that are not there yet, and faults, which become signals with the siginfo that
// Linux gives (runtimes with a garbage collector or null checks by fault depend on it).
//
// What a hostile host can try here: nothing that it could not do by stopping. Vector and address come from the processor
// (EXITINFO, checked by the target); an address that is not faulting makes mm_fault answer "retry".
#include "kernel/signal/exception.h"

#include <linux/errno.h>
#include <linux/signal.h>

#include "abi/entry.h"
#include "abi/layout.h"
#include "kernel/entry/cpuid.h"
#include "kernel/entry/regs.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/rewrite/rewrite.h"
#include "kernel/signal/frame.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/names.h"
#include "kernel/signal/stuck.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/trace/log.h"

enum vector { DE = 0, DB = 1, BP = 3, OF = 4, BR = 5, UD = 6, GP = 13, PF = 14, MF = 16, AC = 17, XM = 19 };

static struct siginfo fault(int sig, int code, uint64_t address)
{
    return (struct siginfo){.si_signo = sig, .si_code = code, .si_addr = (void *)address};
}

static struct siginfo page_fault(const struct trap *t, int error)
{
    switch (error) {
    case -EACCES:
        return fault(SIGSEGV, SEGV_ACCERR, t->address);
    case -EIO:
        return fault(SIGBUS, BUS_ADRERR, t->address);
    default:
        return fault(SIGSEGV, SEGV_MAPERR, t->address);
    }
}

// The reason of a floating point exception is the lowest unmasked bit of the status.
static int float_code(uint32_t status)
{
    static const int codes[] = {FPE_FLTINV, FPE_FLTSUB, FPE_FLTDIV, FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES};
    return status & 0x3f ? codes[__builtin_ctz(status & 0x3f)] : FPE_FLTINV;
}

static int x87_code(void)
{
    uint16_t status, control;
    __asm__ volatile("fnstsw %0\n\tfnstcw %1" : "=m"(status), "=m"(control));
    return float_code(status & ~(uint32_t)control);
}

static int sse_code(void)
{
    uint32_t mxcsr;
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    return float_code(mxcsr & ~(mxcsr >> 7));
}

static struct siginfo classify(const struct regs *regs, const struct trap *t)
{
    switch ((enum vector)t->vector) {
    case DE:
        return fault(SIGFPE, FPE_INTDIV, regs->rip);
    case DB:
        return fault(SIGTRAP, TRAP_TRACE, regs->rip);
    case BP:
        return fault(SIGTRAP, SI_KERNEL, 0);
    case UD:
        return fault(SIGILL, ILL_ILLOPN, regs->rip);
    case AC:
        return fault(SIGBUS, BUS_ADRALN, 0);
    case MF:
        return fault(SIGFPE, x87_code(), regs->rip);
    case XM:
        return fault(SIGFPE, sse_code(), regs->rip);
    default: // #GP and what the program cannot cause
        return fault(SIGSEGV, SI_KERNEL, 0);
    }
}

// int3, in one byte or two: #UD at the instruction in an enclave that is not being debugged; Linux reports a breakpoint behind it.
// Its length; 0: another instruction.
static unsigned breakpoint_length(const struct regs *regs, const struct trap *t)
{
    const uint8_t USER *at = (const uint8_t USER *)regs->rip;
    uint8_t code, number;
    if (t->vector != UD || GET_USER(code, at))
        return 0;
    return code == 0xcc ? 1 : code == 0xcd && !GET_USER(number, at + 1) && number == 3 ? 2 : 0;
}

void exception_entry(struct regs *regs, const struct trap *t)
{
    struct thread *self = current_thread();
    self->regs = regs;
    struct trap seen = *t;
    struct siginfo info;
    unsigned breakpoint = breakpoint_length(regs, t);
    if (breakpoint) {
        seen.vector = BP;
        regs->rip += breakpoint;
    }
    if (t->vector == PF) {
        int r = t->address < USER_END ? mm_fault(self->process->mm, t->address, t->error) : -EFAULT;
        if (r == 0 && stuck_help(self, regs))
            return;
        if (r == -ENOMEM) {
            processes_out_of_memory(self->process->mm);
            return;
        }
        info = page_fault(t, r ? r : -EIO);
    } else if (cpuid_trapped(regs, t) || (seen.vector == UD && rewrite_landed(regs))) {
        return;
    } else {
        info = classify(regs, &seen);
    }
    self->fault = (struct fault_details){seen.vector, t->vector == PF ? (uint64_t)t->error : 0, t->address};
    self->fault_signal = info.si_signo;
    signal_force(&info);
}

bool exception_caused(const struct thread *t, const struct siginfo *info)
{
    return info->si_signo == t->fault_signal && info->si_code > 0;
}

const struct fault_details *exception_details(const struct thread *t, const struct siginfo *info)
{
    static const struct fault_details none;
    return exception_caused(t, info) ? &t->fault : &none;
}

void exception_report(const struct regs *regs, int sig, uint64_t address)
{
    const struct process *p = current_process();
    log_line("myst: %s: killed by %s at 0x%lx (address 0x%lx)", p->executable_path ? p->executable_path : p->name,
             signal_name(sig), (unsigned long)regs->rip, (unsigned long)address);
}
