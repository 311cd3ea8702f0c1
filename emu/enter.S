// SPDX-License-Identifier: MIT
//
// The crossings of software SGX.
#define EMU_EXIT_RDI 0 // offsets in struct emu_thread, asserted in eenter.c
#define EMU_EXIT_RSI 8

    .text

// int emu_switch(struct emu_thread *t (rdi), struct sgx_gprsgx *ssa (rsi), const uint64_t registers[6] (rdx)): EENTER.
// registers: rip, rax, rbx, rdi, rsi, &t->inside. 0 after EEXIT, 1 after an AEX.
    .globl emu_switch
    .type emu_switch, @function
emu_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    push %rdi
    mov %rsp, 144(%rsi) // URSP
    mov %rbp, 152(%rsi) // URBP
    mov (%rdx), %r11
    mov 8(%rdx), %rax
    mov 16(%rdx), %rbx
    mov 24(%rdx), %rdi
    mov 32(%rdx), %rsi
    mov 40(%rdx), %rcx
    movl $1, (%rcx)
    lea emu_eexit_target(%rip), %rcx
    jmp *%r11

// EEXIT lands here with rsp as it was; rdi and rsi are the enclave's.
    .globl emu_eexit_target
emu_eexit_target:
    cld
    pop %rax // t
    mov %rdi, EMU_EXIT_RDI(%rax)
    mov %rsi, EMU_EXIT_RSI(%rax)
    xor %eax, %eax
    jmp 1f

// The asynchronous exit pointer: an AEX lands here with rsp from the SSA.
    .globl emu_aep
emu_aep:
    pop %rax
    push $2  // an AEX leaves AC as the enclave had it
    popfq
    mov $1, %eax
1:  pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret

// int emu_switch_resume(struct emu_thread *t (rdi)): ERESUME. The same frame as emu_switch's, at the same depth.
    .globl emu_switch_resume
    .type emu_switch_resume, @function
emu_switch_resume:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    push %rdi
    mov %rsp, %rsi
    sub $8, %rsp
    call emu_eresume // does not return
    ud2

// Where patched ENCLU sites call to. The return address stands on whatever stack the enclave uses.
    .globl emu_enclu_trampoline
    .type emu_enclu_trampoline, @function
emu_enclu_trampoline:
    pushfq
    push %r15
    push %r14
    push %r13
    push %r12
    push %r11
    push %r10
    push %r9
    push %r8
    push %rbp
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %rbx
    push %rax
    mov %rsp, %rdi
    mov %rsp, %rbx
    and $-16, %rsp
    cld
    call emu_enclu_patched
    mov %rbx, %rsp
    pop %rax
    pop %rbx
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
    pop %rbp
    pop %r8
    pop %r9
    pop %r10
    pop %r11
    pop %r12
    pop %r13
    pop %r14
    pop %r15
    popfq
    ret

// Where patched "wrfsbase %rdi" sites call to.
    .globl emu_wrfsbase_trampoline
    .type emu_wrfsbase_trampoline, @function
emu_wrfsbase_trampoline:
    push %rax
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %rbx
    mov %rsp, %rbx
    and $-16, %rsp
    call emu_wrfsbase_patched
    mov %rbx, %rsp
    pop %rbx
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rax
    ret

// int emu_call_on_stack(int (*f)(void *) (rdi), void *argument (rsi), void *stack_top (rdx))
    .globl emu_call_on_stack
    .type emu_call_on_stack, @function
emu_call_on_stack:
    push %rbp
    mov %rsp, %rbp
    mov %rdx, %rsp
    mov %rdi, %rax
    mov %rsi, %rdi
    call *%rax
    mov %rbp, %rsp
    pop %rbp
    ret

// _Noreturn void emu_sigreturn(const void *frame (rdi)): rt_sigreturn of a frame made by hand.
    .globl emu_sigreturn
    .type emu_sigreturn, @function
emu_sigreturn:
    mov %rdi, %rsp
    mov $15, %eax
    syscall
    ud2
    .section .note.GNU-stack, "", @progbits
