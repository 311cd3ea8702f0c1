// SPDX-License-Identifier: MIT
//
// The code of the test enclave: one page. RDI says what to do, RSI with what. Ends with EEXIT, RDI and RSI as they are.
    .section .rodata
    .balign 4096
    .globl test_code, test_code_end
test_code:
    mov %rcx, %rbx // where EEXIT goes
    test %rax, %rax
    jnz leave      // CSSA > 0: the host looks at the SSA itself
    cmp $1, %edi
    je call_system
    cmp $2, %edi
    je breakpoint
    cmp $3, %edi
    je touch
    cmp $4, %edi
    je accept
    cmp $5, %edi
    je report
    cmp $6, %edi
    je getkey
    cmp $7, %edi
    je keep_registers
    cmp $8, %edi
    je stay
    cmp $9, %edi
    je accept_copy
    cmp $10, %edi
    je accept_copy
    cmp $11, %edi
    je read_fs
    cmp $12, %edi
    je move
    cmp $13, %edi
    je extend
leave:
    mov $4, %eax
    .byte 0x0f, 0x01, 0xd7

call_system:
    mov $39, %eax
    syscall
    jmp leave
breakpoint:
    int3
    jmp leave
read_fs:
    mov %fs:0, %rsi
    jmp leave
touch:
    mov (%rsi), %rsi
    jmp leave
accept: // rsi: SECINFO, page behind it at 64(%rsi)
    mov %rbx, %r15
    mov %rsi, %rbx
    mov 64(%rsi), %rcx
    mov $5, %eax
    .byte 0x0f, 0x01, 0xd7
    mov %rax, %rsi
    mov %r15, %rbx
    jmp leave
accept_copy: // as accept, with the content's page at 72(%rsi); 9 reads the page afterwards
    mov %rbx, %r15
    mov %rsi, %rbx
    mov 64(%rsi), %rcx
    mov 72(%rsi), %rdx
    mov %rcx, %r14
    mov $7, %eax
    .byte 0x0f, 0x01, 0xd7
    mov %rax, %rsi
    mov %r15, %rbx
    cmp $9, %edi
    jne leave
    mov (%r14), %rsi
    jmp leave
extend: // rsi as for accept
    mov %rbx, %r15
    mov %rsi, %rbx
    mov 64(%rsi), %rcx
    mov $6, %eax
    .byte 0x0f, 0x01, 0xd7
    mov %r15, %rbx
    jmp leave
move: // rsi: to, from, how much; answers with the difference of the addresses and the rest
    mov (%rsi), %rdi
    mov 16(%rsi), %rcx
    mov 8(%rsi), %rsi
    mov %rdi, %r8
    cld
    rep movsb
    sub %r8, %rdi
    mov %rcx, %rsi
    jmp leave
report: // rsi: TARGETINFO, data at +512, report at +1024
    mov %rbx, %r15
    mov %rsi, %rbx
    lea 512(%rsi), %rcx
    lea 1024(%rsi), %rdx
    xor %eax, %eax
    .byte 0x0f, 0x01, 0xd7
    mov %r15, %rbx
    jmp leave
getkey: // rsi: KEYREQUEST, key at +512
    mov %rbx, %r15
    mov %rsi, %rbx
    lea 512(%rsi), %rcx
    mov $1, %eax
    .byte 0x0f, 0x01, 0xd7
    mov %rax, %rsi
    mov %r15, %rbx
    jmp leave
stay: // until the word at rsi is not zero
    cmpl $0, (%rsi)
    je stay
    jmp leave
keep_registers: // a fault in the middle: everything must be the same behind it
    mov %rbx, %r15
    mov $0x1111, %r8d
    mov $0x2222, %r14d
    mov $0x3333, %ebp
    movq %r8, %xmm5
    movq %r14, %xmm15
    mov (%rsi), %rax // not there yet
    movq %xmm5, %rcx
    movq %xmm15, %rdx
    lea (%rcx,%rdx), %rsi // 0x3333
    add %r8, %rsi         // 0x4444
    add %r14, %rsi        // 0x6666
    add %rbp, %rsi        // 0x9999
    mov %r15, %rbx
    mov $0, %ebp
    jmp leave
test_code_end:
    .section .note.GNU-stack, "", @progbits
