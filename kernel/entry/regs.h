// SPDX-License-Identifier: MIT
//
// The program's registers as saved on the kernel stack by the entry code (kernel/entry/entry.S).
// Order: Linux's user_regs_struct without segments. Every way into the kernel (patched system call, trapped system
// call, exception, interrupt) builds the same frame; `full` frames are restored with all registers, others may lose rcx and r11.
#pragma once

#include <stdint.h>

struct regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    uint64_t rax, rcx, rdx, rsi, rdi;
    uint64_t orig_rax; // system call number, or -1 for exceptions
    uint64_t rip, rflags, rsp;
};

// Called by the entry code on the kernel stack; returns to the entry code, which restores the frame.
void syscall_entry(struct regs *regs);                   // kernel/syscall/dispatch.c; result in regs->rax
void syscall_trapped(struct regs *regs);                 // kernel/rewrite: tries to patch the site, then as above
struct trap;
void exception_entry(struct regs *regs, const struct trap *t); // kernel/signal/exception.c: a trap in the program (not a system call)
void interrupt_entry(struct regs *regs);                 // kernel/signal: an asynchronous interrupt met the program
void return_to_program(struct regs *regs);               // kernel/signal: run before every return while tb->interrupt_pending is set

// Leaves the kernel for good with these registers (all of them), on this thread's kernel stack. For exec, new threads, sigreturn.
_Noreturn void enter_program(const struct regs *regs);

// Where rewritten sites jump: rcx = return address, rax = number, every other register the program's (abi/entry.h: the thread
// block's syscall_entry holds this address, so a stub ends in `lea back(%rip),%rcx; jmp *%gs:THREAD_BLOCK_SYSCALL_ENTRY`).
void syscall_entry_fast(void);
