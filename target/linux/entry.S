// SPDX-License-Identifier: MIT
//
// The linux target's crossings: the host calls target_entry as a C function with (thread block, boot information or 0);
// the kernel calls the host on the host thread's own stack.
#include "abi/entry.h"

    .section .text.entry, "ax"

// target_entry(rdi: thread block, rsi: boot information, or 0 for another thread). Never returns.
    .globl target_entry
    .type target_entry, @function
target_entry:
    mov %rsp, 0x90(%rdi)   // host_rsp: everything below belongs to host calls
    mov 0x08(%rdi), %rsp
    xor %ebp, %ebp
    test %rsi, %rsi
    jnz kernel_boot
    jmp kernel_thread_start

// long linux_host_call(rdi: struct host_call in untrusted memory, rsi: function in the host, rdx: host stack)
// The host's function keeps the C calling convention; it uses neither this FS nor vector registers on its fast path.
    .globl linux_host_call
    .type linux_host_call, @function
linux_host_call:
    push %rbp
    mov %rsp, %rbp
    mov %rdx, %rsp
    and $-16, %rsp
    call *%rsi
    mov %rbp, %rsp
    pop %rbp
    ret
// _Noreturn void linux_thread_exit(rdi, rsi, rdx as above): the thread area may be prepared again as soon as its state says
// so, hence not before its kernel stack is left. The host starts no thread there while this one still runs in it.
    .globl linux_thread_exit
    .type linux_thread_exit, @function
linux_thread_exit:
    mov %rdx, %rsp
    and $-16, %rsp
    movl $4, %gs:0x84 // THREAD_BLOCK_DEAD
    call *%rsi
    ud2
    .section .note.GNU-stack, "", @progbits
