// SPDX-License-Identifier: MIT
//
// Where functions that the kernel calls in the program return to.
#include <asm/unistd.h>
#define SYS_MYST_CALLBACK_RETURN 1034

    .text
    .globl __myst_callback_return
    .type __myst_callback_return, @function
__myst_callback_return: // a verify_cert callback returned: its value goes to the kernel
    movslq %eax, %rdi
    mov $SYS_MYST_CALLBACK_RETURN, %eax
    syscall
    hlt

    .globl __myst_sigreturn
    .type __myst_sigreturn, @function
__myst_sigreturn:
    mov $__NR_rt_sigreturn, %eax
    syscall
    hlt
    .section .note.GNU-stack, "", @progbits
