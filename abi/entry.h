// SPDX-License-Identifier: MIT
//
// How control crosses between the host, a target's trusted half and the kernel.
//
// sgx target: the host executes EENTER on a TCS with RDI = enum entry_kind and RSI = its argument.
// The enclave leaves by EEXIT with RDI = enum exit_kind and RSI = its argument. RAX = CSSA says whether
// an exception is being reported (CSSA > 0). linux target: the same functions, reached by plain jumps.
//
// Rules: includes nothing but C and this folder. Offsets used by assembly are asserted in
// kernel/entry/trap.c (THREAD_BLOCK_* below).
#pragma once

#ifndef __ASSEMBLER__
#include <stdint.h>

enum entry_kind {
    ENTRY_BOOT = 1,      // first entry ever, on thread area 0; argument: struct boot_info in untrusted memory
    ENTRY_THREAD = 2,    // first entry on a thread area the kernel has prepared; no argument
    ENTRY_RETURN = 3,    // a host call is answered; only valid while the thread block says so
    ENTRY_INTERRUPT = 4, // CSSA > 0 and no exception: the host was asked to (or wants to) interrupt
};

enum exit_kind {
    EXIT_HOST_CALL = 1, // argument: struct host_call in untrusted memory
    EXIT_RESUME = 2,    // trap handled: the host executes ERESUME
    EXIT_FATAL = 3, // the enclave refuses to go on (unexpected entry, fault in the trap entry); argument: enum fatal_reason
};

// A trapped context. The first 18 words have the order of GPRSGX (SDM vol. 3D, 38.9.1.1).
struct trap {
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags;
    uint64_t rip;
    uint32_t vector; // x86 exception vector (6 #UD, 13 #GP, 14 #PF ...), or TRAP_INTERRUPT
    uint32_t error;  // page-fault error code bits as the processor gives them (P, W, U, I)
    uint64_t address; // faulting linear address for #PF
};
#define TRAP_INTERRUPT 256u
// linux target and emulator: a `syscall` instruction stopped by Syscall User Dispatch is reported as #UD
// with rip AT the instruction and rax intact, exactly as the processor does it in an enclave.

// The thread block: GS base while in the enclave. Never readable by the host on hardware.
// The first words are used by assembly; the offsets are fixed here.
struct thread;
struct thread_block {
    struct thread_block *self;   // 0x00
    uint64_t kernel_stack_top;   // 0x08
    uint64_t user_rsp;           // 0x10 program's rsp while the entry code switches stacks
    uint64_t user_rip;           // 0x18 where the last instruction of a full return jumps to
    uint64_t host_call_rsp;      // 0x20 kernel rsp to continue at on ENTRY_RETURN; 0 when no host call is open
    uint64_t canary;             // 0x28 stack protector (-mstack-protector-guard-reg=gs, offset 0x28)
    struct thread *current;      // 0x30 kernel/task: the thread that runs on this block
    uint64_t trap_stack_top;     // 0x38
    uint64_t area;               // 0x40 THREAD_AREA(index)
    uint64_t area_index;         // 0x48
    uint64_t host_block;         // 0x50 untrusted per-thread block (struct host_call + bounce buffer)
    uint64_t host_block_size;    // 0x58
    uint64_t target_scratch[4];  // 0x60 for the target's entry code
    uint32_t interrupt_pending;  // 0x80 set by an interrupt that met kernel code; tested on the way out
    uint32_t state;              // 0x84 enum thread_block_state
    uint64_t host_exit;          // 0x88 linux: host function for exits; sgx: EENTER's RCX
    uint64_t host_rsp, host_rbp; // 0x90 0x98 untrusted stack of the host thread (URSP/URBP)
    uint64_t fs_base;            // 0xa0 program's FS base, as last set
    uint64_t cpuid_entry;        // 0xa8 address of cpuid_entry_fast, likewise for CPUID
    uint64_t syscall_entry;      // 0xb0 address of syscall_entry_fast: rewritten sites jump through it
    uint64_t return_frame;       // 0xb8 frame that enter_program is restoring
    uint64_t cpuid_back;         // 0xc0 where a rewritten CPUID continues: its stub sets it, as no register is free
    uint32_t step_begins;        // 0xc8 the way back set TF: the next single-step trap comes before the program's instruction
};
enum thread_block_state {
    THREAD_BLOCK_UNUSED = 0, // EENTER is refused
    THREAD_BLOCK_READY = 1,  // prepared by the kernel; ENTRY_BOOT/ENTRY_THREAD is accepted once
    THREAD_BLOCK_RUNNING = 2,
    THREAD_BLOCK_IN_HOST_CALL = 3, // only ENTRY_RETURN is accepted
    THREAD_BLOCK_DEAD = 4,
};

// What the kernel offers to a target's entry code. All run with interrupts of the program's state
// saved; kernel_trap and kernel_interrupt run on the trap stack, may not make host calls and may only edit *t:
// typically they redirect t->rip to kernel code that continues on the kernel stack.
struct boot_info;
_Noreturn void kernel_boot(struct thread_block *tb, const struct boot_info *untrusted);
_Noreturn void kernel_thread_start(struct thread_block *tb);
void kernel_trap(struct thread_block *tb, struct trap *t);
#endif

// Offsets for assembly (asserted in kernel/entry/trap.c).
#define THREAD_BLOCK_KERNEL_STACK_TOP 0x08
#define THREAD_BLOCK_USER_RSP 0x10
#define THREAD_BLOCK_USER_RIP 0x18
#define THREAD_BLOCK_HOST_CALL_RSP 0x20
#define THREAD_BLOCK_CANARY 0x28
#define THREAD_BLOCK_CURRENT 0x30
#define THREAD_BLOCK_TRAP_STACK_TOP 0x38
#define THREAD_BLOCK_INTERRUPT_PENDING 0x80
#define THREAD_BLOCK_CPUID_ENTRY 0xa8
#define THREAD_BLOCK_SYSCALL_ENTRY 0xb0
#define THREAD_BLOCK_RETURN_FRAME 0xb8
#define THREAD_BLOCK_CPUID_BACK 0xc0
