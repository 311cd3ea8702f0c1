// SPDX-License-Identifier: MIT
//
// The ways from the program into the kernel and back. None of them is an instruction that an enclave forbids
// (no syscall, sysret, iretq): they are jumps, and the contract of the `syscall` instruction is kept by hand.
//
//   syscall_entry_fast   a rewritten site or the trap handler jumps here: rax number, rcx return address, all other
//                        registers the program's, r11 free, the program's stack untouched
//   cpuid_entry_fast     likewise for CPUID, which changes rax, rbx, rcx and rdx and nothing else
//   trap_return          kernel_trap built struct regs and struct trap on the kernel stack: C, then all registers back
//   enter_program        first entry, exec, sigreturn: all registers from a frame
//
// Returning with all registers needs one word of memory that is not the program's: user_rip in the thread block.
// An interrupt between the last test of interrupt_pending and the jump would be missed: kernel_trap knows the two windows by
// their labels and starts the return again from its frame, which is still intact.
#include "abi/entry.h"
#define GS(offset) %gs:offset
#define FLAGS_AC_TF 0x40100

// C expects DF clear, in the program's ring AC would make its accesses fault, and TF would step through it. The program's flags were just
// pushed.
.macro FLAGS_FOR_C
    cld
    testl $FLAGS_AC_TF, (%rsp)
    jz .Lno_ac\@
    push $2
    popfq
.Lno_ac\@:
.endm

// The general registers of struct regs, below orig_rax.
.macro PUSH_REGISTERS_TO_R10
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %rax
    push %r8
    push %r9
    push %r10
.endm
.macro PUSH_REGISTERS_FROM_RBX
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
.endm
// As the `syscall` instruction leaves them: r11 holds rflags.
.macro PUSH_REGISTERS_OF_CALL
    PUSH_REGISTERS_TO_R10
    mov 80(%rsp), %r11
    push %r11
    PUSH_REGISTERS_FROM_RBX
.endm

    .section .text.entry, "ax"

    .globl syscall_entry_fast
    .type syscall_entry_fast, @function
syscall_entry_fast:
    mov %rsp, GS(THREAD_BLOCK_USER_RSP)
    mov GS(THREAD_BLOCK_KERNEL_STACK_TOP), %rsp
    push GS(THREAD_BLOCK_USER_RSP) // rsp
    pushfq                         // rflags
    FLAGS_FOR_C
    push %rcx                      // rip
    push %rax                      // orig_rax
    PUSH_REGISTERS_OF_CALL
    mov %rsp, %rdi
    call syscall_entry
syscall_fast_return_start: // before the test: an interrupt right behind it starts the return again
    cmpl $0, GS(THREAD_BLOCK_INTERRUPT_PENDING)
    jne syscall_slow_return
    mov 128(%rsp), %rcx            // rip
    mov 136(%rsp), %r11            // rflags
    mov 80(%rsp), %rax
    mov 96(%rsp), %rdx
    mov 104(%rsp), %rsi
    mov 112(%rsp), %rdi
    mov 72(%rsp), %r8
    mov 64(%rsp), %r9
    mov 56(%rsp), %r10
    mov 40(%rsp), %rbx
    mov 32(%rsp), %rbp
    mov 24(%rsp), %r12
    mov 16(%rsp), %r13
    mov 8(%rsp), %r14
    mov (%rsp), %r15
    push %r11
    popfq
    mov 144(%rsp), %rsp
    jmp *%rcx
syscall_fast_return_end:

syscall_slow_return:
    mov %rsp, %rdi
    mov %rdi, %rbp
    call return_to_program
    mov %rbp, %rdi
    jmp enter_program

// The same frame for a system call that trapped: the site may be rewritten first. kernel_trap has changed the stack.
    .globl syscall_entry_trapped
    .type syscall_entry_trapped, @function
syscall_entry_trapped:
    push GS(THREAD_BLOCK_USER_RSP)
    pushfq
    FLAGS_FOR_C
    push %rcx
    push %rax
    PUSH_REGISTERS_OF_CALL
    mov %rsp, %rdi
    mov %rsp, %rbp
    call syscall_trapped
    mov %rbp, %rsp
    jmp syscall_fast_return_start

// A rewritten CPUID: all registers and flags are the program's, its stack is untouched, and cpuid_back says where it goes on.
    .globl cpuid_entry_fast
    .type cpuid_entry_fast, @function
cpuid_entry_fast:
    mov %rsp, GS(THREAD_BLOCK_USER_RSP)
    mov GS(THREAD_BLOCK_KERNEL_STACK_TOP), %rsp
    push GS(THREAD_BLOCK_USER_RSP)
    pushfq
    FLAGS_FOR_C
    push GS(THREAD_BLOCK_CPUID_BACK)
    push $-1 // orig_rax: no system call
    PUSH_REGISTERS_TO_R10
    push %r11
    PUSH_REGISTERS_FROM_RBX
    mov %rsp, %rdi
    mov %rsp, %rbx
    call cpuid_answer
    mov %rbx, %rdi
    jmp enter_program

// rsp: struct regs, rsi: struct trap above it, rdi: the frame. kernel_trap placed both on the kernel stack.
    .globl trap_return
    .type trap_return, @function
trap_return:
    cld
    mov %rdi, %rbx
    call exception_entry
    jmp trap_leave

    .globl interrupt_return
    .type interrupt_return, @function
interrupt_return:
    cld
    mov %rdi, %rbx
    call interrupt_entry
trap_leave:
    mov %rbx, %rdi
    jmp enter_program // which looks at interrupt_pending

// rdi: frame. A program page was touched by the kernel and is not there (yet): C decides, then the interrupted kernel
// code continues with all its registers on its own stack.
    .globl kernel_fault_return
    .type kernel_fault_return, @function
kernel_fault_return:
    cld
    mov %rdi, %rbx
    call kernel_fault
    mov %rbx, %rdi
    // The kernel's own stack: a return address may be pushed there (no red zone in kernel code).
    mov 144(%rdi), %rax  // rsp
    mov 128(%rdi), %rcx  // rip
    mov 136(%rdi), %rdx  // rflags
    mov %rcx, -8(%rax)
    mov %rdx, -16(%rax)
    lea -16(%rax), %rax
    mov %rax, 144(%rdi)
    mov (%rdi), %r15
    mov 8(%rdi), %r14
    mov 16(%rdi), %r13
    mov 24(%rdi), %r12
    mov 32(%rdi), %rbp
    mov 40(%rdi), %rbx
    mov 48(%rdi), %r11
    mov 56(%rdi), %r10
    mov 64(%rdi), %r9
    mov 72(%rdi), %r8
    mov 80(%rdi), %rax
    mov 88(%rdi), %rcx
    mov 96(%rdi), %rdx
    mov 104(%rdi), %rsi
    mov 144(%rdi), %rsp
    mov 112(%rdi), %rdi
    popfq
    ret

// rdi: struct regs. All registers, rcx and r11 included, without touching the program's stack.
    .globl enter_program
    .type enter_program, @function
enter_program:
    mov %rdi, GS(THREAD_BLOCK_RETURN_FRAME)
enter_program_start:
    cmpl $0, GS(THREAD_BLOCK_INTERRUPT_PENDING)
    jne return_again
    mov 128(%rdi), %rax
    mov %rax, GS(THREAD_BLOCK_USER_RIP)
    mov 144(%rdi), %rax
    mov %rax, GS(THREAD_BLOCK_USER_RSP)
    mov (%rdi), %r15
    mov 8(%rdi), %r14
    mov 16(%rdi), %r13
    mov 24(%rdi), %r12
    mov 32(%rdi), %rbp
    mov 40(%rdi), %rbx
    mov 48(%rdi), %r11
    mov 56(%rdi), %r10
    mov 64(%rdi), %r9
    mov 72(%rdi), %r8
    mov 80(%rdi), %rax
    mov 88(%rdi), %rcx
    mov 96(%rdi), %rdx
    mov 104(%rdi), %rsi
    push 136(%rdi)
    mov 112(%rdi), %rdi
    popfq
    mov GS(THREAD_BLOCK_USER_RSP), %rsp
    jmp *GS(THREAD_BLOCK_USER_RIP)
enter_program_end:

// rdi: frame. An interrupt met one of the windows.
    .globl return_again
    .type return_again, @function
return_again:
    mov %rdi, %rbx
    call return_to_program
    mov %rbx, %rdi
    jmp enter_program

    .globl syscall_fast_return_start, syscall_fast_return_end, enter_program_start, enter_program_end
    .section .note.GNU-stack, "", @progbits
