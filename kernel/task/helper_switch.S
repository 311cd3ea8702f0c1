// SPDX-License-Identifier: MIT
//
// A second kernel stack on one thread block: the caller of helper_run waits on the first while the helper runs.

    .text
// int helper_enter(rdi: uint64_t *ret_rsp, rsi: struct regs at the top of the helper's kernel stack)
// Returns when helper_leave is called, with its status.
    .globl helper_enter
    .type helper_enter, @function
helper_enter:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    mov %rsi, %rdi
    jmp enter_program

// _Noreturn void helper_leave(rdi: saved rsp, esi: status)
    .globl helper_leave
    .type helper_leave, @function
helper_leave:
    mov %rdi, %rsp
    mov %esi, %eax
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .section .note.GNU-stack, "", @progbits
