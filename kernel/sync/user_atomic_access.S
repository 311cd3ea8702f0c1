// SPDX-License-Identifier: MIT
//
// Single accesses to program memory that may fault: kernel_fault commits the page or continues at the fixup.
#include "kernel/entry/extable.h"

    .text
// int user_atomic_load32(rdi: address, rsi: uint32_t *)
    .globl user_atomic_load32
    .type user_atomic_load32, @function
user_atomic_load32:
1:  mov (%rdi), %eax
    mov %eax, (%rsi)
    xor %eax, %eax
    ret
    EXTABLE 1b, faulted

// int user_atomic_exchange32(rdi: address, esi: expected, edx: desired, rcx: uint32_t *)
    .globl user_atomic_exchange32
    .type user_atomic_exchange32, @function
user_atomic_exchange32:
    mov %esi, %eax
2:  lock cmpxchg %edx, (%rdi)
    mov %eax, (%rcx)
    xor %eax, %eax
    ret
    EXTABLE 2b, faulted

faulted:
    mov $-1, %eax
    ret
    .section .note.GNU-stack, "", @progbits
