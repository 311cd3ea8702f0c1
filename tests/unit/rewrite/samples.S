// SPDX-License-Identifier: MIT
//
// Functions of two numbers that hold everything whose moving needs care: operands relative to rip (with and without an immediate
// behind them), short and near branches, jumps, an end in the middle.
.macro sample name
    .text
\name:
.endm
.macro done name
.L\name\()_end:
    .section .data.rel.ro, "aw"
    .quad \name, .L\name\()_end, .L\name\()_text
    .section .rodata
.L\name\()_text:
    .asciz "\name"
    .text
.endm

    .section .data.rel.ro, "aw"
    .globl samples
samples:
    .data
    .balign 16
    .globl sample_data
sample_data:
    .fill 4, 8, 0

sample loads
    mov sample_data(%rip), %rax
    add sample_data+8(%rip), %rax
    lea sample_data+16(%rip), %rcx
    add (%rcx), %rax
    add %rdi, %rax
    ret
done loads

sample stores
    mov %rdi, sample_data+8(%rip)
    movl $0x12345678, sample_data(%rip)
    movb $7, sample_data+16(%rip)
    addw $0x1234, sample_data+24(%rip)
    xor %eax, %eax
    ret
done stores

sample compares
    cmpq $5, sample_data+8(%rip)
    sete %al
    movzbl %al, %eax
    cmpl $0x11111111, sample_data(%rip)
    cmove %rsi, %rax
    testb $1, sample_data+16(%rip)
    cmovne %rdi, %rax
    ret
done compares

sample branches
    cmp %rsi, %rdi
    jl 1f
    je 2f
    lea 1(%rdi), %rax
    ret
1:  lea 2(%rsi), %rax
    ret
2:  mov $3, %eax
    ret
done branches

sample far_branches
    cmp %rsi, %rdi
    {disp32} ja 1f
    {disp32} jmp 2f
1:  mov $17, %eax
    ret
2:  mov $18, %eax
    ret
done far_branches

sample every_condition
    xor %eax, %eax
    cmp %esi, %edi
    jo 1f
    or $1, %eax
1:  cmp %esi, %edi
    jp 1f
    or $2, %eax
1:  cmp %esi, %edi
    js 1f
    or $4, %eax
1:  cmp %esi, %edi
    jbe 1f
    or $8, %eax
1:  ret
done every_condition

sample loop_in_window
    xor %eax, %eax
    and $15, %edi
1:  add %esi, %eax
    dec %edi
    jns 1b
    ret
done loop_in_window

sample jumps
    jmp 1f
    ud2
1:  mov %rdi, %rax
    jmp *2f(%rip)
    ud2
3:  neg %rax
    ret
    .section .data.rel.ro.local, "aw"
2:  .quad 3b
    .text
done jumps

sample stack
    push %rbx
    mov %rdi, %rbx
    push %rsi
    pop %rax
    imul $100, %rbx, %rbx
    add %rbx, %rax
    pop %rbx
    ret
done stack

sample vectors
    movdqa sample_data(%rip), %xmm0
    pshufd $0x1b, sample_data+16(%rip), %xmm1
    pxor %xmm1, %xmm0
    movq %rdi, %xmm2
    paddq %xmm2, %xmm0
    movq %xmm0, %rax
    cvtsi2sd sample_data(%rip), %xmm3
    movq %xmm3, %rcx
    xor %rcx, %rax
    ret
done vectors

sample like_libc
    cmp $-4095, %rdi
    jae 1f
    mov %rdi, %rax
    ret
1:  mov sample_data(%rip), %rdx
    neg %edi
    mov %edi, %eax
    or $-1, %rax
    ret
done like_libc

    .section .data.rel.ro, "aw"
    .quad 0, 0, 0

# Not one of the samples, as only what ends with the call can be moved. What is called sees where it returns to.
sample calls
    mov %rdi, %rdx
    call 2f
1:  add %rsi, %rax
    ret
2:  mov (%rsp), %rax
    lea 1b(%rip), %rcx
    sub %rcx, %rax
    add %rdx, %rax
    ret
    .section .data.rel.ro, "aw"
    .globl calling
calling:
    .text
done calls

    .section .note.GNU-stack, "", @progbits
