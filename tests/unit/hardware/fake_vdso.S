// SPDX-License-Identifier: MIT
//
// Something with the calling rules of __vdso_sgx_enter_enclave, and an "enclave" that is as careless as the rules
// allow: it leaves r12 to r15, MXCSR, the x87 control word and DF changed. Takes and gives back: fake_frame (address of
// the frame), fake_leaf; rdi and rsi come back swapped. With fake_enclu it executes ENCLU first.
    .text
    .globl fake_vdso, fake_enclu_at, fake_after_fault
    .type fake_vdso, @function
fake_vdso:
    push %rbp
    mov %rsp, %rbp
    push %rbx
    mov %rbp, fake_frame(%rip)
    mov %ecx, fake_leaf(%rip)
    mov 0x10(%rbp), %rbx // run
    mov %ecx, %eax
    cmpl $0, fake_enclu(%rip)
    je 1f
fake_enclu_at:
    .byte 0x0f, 0x01, 0xd7
fake_after_fault: // as the kernel's fixup: EAX is the leaf, EDI vector, ESI error code, RDX address
    mov %eax, 8(%rbx)
    mov %di, 12(%rbx)
    mov %si, 14(%rbx)
    mov %rdx, 16(%rbx)
    jmp 2f
1:  movl $4, 8(%rbx)
    cmpl $0, fake_fault(%rip)
    je 3f
    mov fake_fault(%rip), %eax
    mov %eax, 8(%rbx)
    movw $14, 12(%rbx)
    movw $7, 14(%rbx)
    movq $0x123000, 16(%rbx)
3:  xchg %rdi, %rsi
2:  mov $-1, %r12
    mov $-1, %r13
    mov $-1, %r14
    mov $-1, %r15
    movl $0x1fbf, -16(%rsp)
    ldmxcsr -16(%rsp)
    movw $0x27f, -16(%rsp)
    fldcw -16(%rsp)
    mov %rsp, %rcx
    and $-16, %rsp
    cld
    push %rax
    push %rbx
    mov 24(%rbx), %rax
    call *%rax
    std
    lea -8(%rbp), %rsp
    pop %rbx
    leave
    ret

// int64_t enter_with_marks(const struct hardware_call * /* rdi */, void *stack /* rsi */): with marked registers. 0
// when all are back.
    .globl enter_with_marks
    .type enter_with_marks, @function
enter_with_marks:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $24, %rsp
    movw $0xe7f, 4(%rsp) // rounding towards zero, unlike the initial state
    fldcw 4(%rsp)
    stmxcsr (%rsp)
    mov $0x11, %ebx
    mov $0x22, %ebp
    mov $0x33, %r12d
    mov $0x44, %r13d
    mov $0x55, %r14d
    mov $0x66, %r15d
    call hardware_call
    pushfq
    pop %rcx
    and $0x400, %ecx
    sub $0x11, %rbx
    sub $0x22, %rbp
    sub $0x33, %r12
    sub $0x44, %r13
    sub $0x55, %r14
    sub $0x66, %r15
    or %ecx, %eax
    or %rbx, %rax
    or %rbp, %rax
    or %r12, %rax
    or %r13, %rax
    or %r14, %rax
    or %r15, %rax
    stmxcsr 8(%rsp)
    fnstcw 12(%rsp)
    mov (%rsp), %ecx
    xor 8(%rsp), %ecx
    or %rcx, %rax
    mov 4(%rsp), %cx
    xor 12(%rsp), %cx
    movzwl %cx, %ecx
    or %rcx, %rax
    fninit
    add $24, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .data
    .globl fake_frame, fake_leaf, fake_enclu, fake_fault
fake_frame: .quad 0
fake_leaf: .long 0
fake_enclu: .long 0
fake_fault: .long 0
    .section .note.GNU-stack, "", @progbits
