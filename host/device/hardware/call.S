// SPDX-License-Identifier: MIT
//
// int hardware_call(const struct hardware_call *c /* rdi */, void *stack /* rsi */): __vdso_sgx_enter_enclave on a
// given stack. Offsets are asserted in enter.c.
//
// The vDSO keeps rbx and rbp, and finds its frame by rbp. Everything else is as the enclave or an asynchronous exit
// left it: r12 to r15, DF, MXCSR and the x87 control word are ours to bring back.
#define CALL_FUNCTION 0
#define CALL_RDI 8
#define CALL_RSI 16
#define CALL_LEAF 24
#define CALL_RUN 32

    .text
    .globl hardware_call
    .type hardware_call, @function
hardware_call:
    .cfi_startproc
    push %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    mov %rsp, %rbp
    .cfi_def_cfa_register %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)

    mov %rdi, %rax
    mov %rsi, %rsp   // aligned to 16
    sub $8, %rsp
    pushq CALL_RUN(%rax) // seventh argument; rsp is aligned to 16 before the call
    mov CALL_RDI(%rax), %rdi
    mov CALL_RSI(%rax), %rsi
    mov CALL_LEAF(%rax), %ecx
    xor %edx, %edx
    xor %r8d, %r8d
    xor %r9d, %r9d
    call *CALL_FUNCTION(%rax)

    cld
    lea -48(%rbp), %rsp
    fninit           // no exception may be pending when the control word comes back
    fldcw 4(%rsp)
    ldmxcsr (%rsp)
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size hardware_call, . - hardware_call
    .section .note.GNU-stack, "", @progbits
