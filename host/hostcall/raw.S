// SPDX-License-Identifier: MIT
//
// long host_syscall_raw(number, const uint64_t arg[6], volatile int *interrupted): see server.h.
    .text
    .globl host_syscall_raw
    .type host_syscall_raw, @function
host_syscall_raw:
    push %rbx
    mov %rdx, %rbx
    mov %rdi, %rax
    mov %rsi, %r11
    mov (%r11), %rdi
    mov 8(%r11), %rsi
    mov 16(%r11), %rdx
    mov 24(%r11), %r10
    mov 32(%r11), %r8
    mov 40(%r11), %r9
    .globl host_syscall_window_start
host_syscall_window_start:
    cmpl $0, (%rbx)
    jne host_syscall_cancelled
    syscall
    .globl host_syscall_window_end
host_syscall_window_end:
    pop %rbx
    ret
    .globl host_syscall_cancelled
host_syscall_cancelled:
    movl $0, (%rbx)
    mov $-4, %rax // -EINTR
    pop %rbx
    ret
    .section .note.GNU-stack, "", @progbits
