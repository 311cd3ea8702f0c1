// SPDX-License-Identifier: MIT
//
// Copies that may fault on program memory. A fault is either repaired (the page is committed and the instruction runs
// again) or ends at the fixup, which reports how many bytes were left.
#include "kernel/entry/extable.h"

    .text
// size_t user_copy_raw(rdi: to, rsi: from, rdx: bytes): bytes not copied
//
// Most are a few words: `rep` takes longer to begin than they do.
#define FEW 64
    .globl user_copy_raw
    .type user_copy_raw, @function
user_copy_raw:
    mov %rdx, %rcx
    cmp $FEW, %rdx
    ja 8f
    shr $3, %rcx
    jz 3f
1:  mov (%rsi), %rax
2:  mov %rax, (%rdi)
    add $8, %rsi
    add $8, %rdi
    sub $8, %rdx
    dec %rcx
    jnz 1b
3:  test $4, %dl
    jz 4f
10: mov (%rsi), %eax
11: mov %eax, (%rdi)
    add $4, %rsi
    add $4, %rdi
    sub $4, %rdx
4:  test %rdx, %rdx // the last bytes, or those of a word that faulted
    jz 7f
5:  movzbl (%rsi), %eax
6:  mov %al, (%rdi)
    inc %rsi
    inc %rdi
    dec %rdx
    jnz 5b
7:  mov %rdx, %rax
    ret
8:  rep movsb
9:  mov %rcx, %rax
    ret
    EXTABLE 1b, 4b
    EXTABLE 2b, 4b
    EXTABLE 10b, 4b
    EXTABLE 11b, 4b
    EXTABLE 5b, 7b
    EXTABLE 6b, 7b
    EXTABLE 8b, 9b

// size_t user_clear_raw(rdi: to, rsi: bytes): bytes not cleared
    .globl user_clear_raw
    .type user_clear_raw, @function
user_clear_raw:
    mov %rsi, %rcx
    xor %eax, %eax
1:  rep stosb
2:  mov %rcx, %rax
    ret
    EXTABLE 1b, 2b

// long user_xsave_raw(rdi: area, 64-byte aligned, esi: components): 0, or -1 on a fault
    .globl user_xsave_raw
    .type user_xsave_raw, @function
user_xsave_raw:
    mov %esi, %eax
    xor %edx, %edx
1:  xsave64 (%rdi)
    xor %eax, %eax
    ret
2:  mov $-1, %rax
    ret
    EXTABLE 1b, 2b

// long user_xrstor_raw(rdi: area, esi: components): 0, or -1 on a fault; the area may be anything
    .globl user_xrstor_raw
    .type user_xrstor_raw, @function
user_xrstor_raw:
    mov %esi, %eax
    xor %edx, %edx
1:  xrstor64 (%rdi)
    xor %eax, %eax
    ret
2:  mov $-1, %rax
    ret
    EXTABLE 1b, 2b

// long user_fxrstor_raw(rdi: area): 0, or -1 as above
    .globl user_fxrstor_raw
    .type user_fxrstor_raw, @function
user_fxrstor_raw:
1:  fxrstor64 (%rdi)
    xor %eax, %eax
    ret
2:  mov $-1, %rax
    ret
    EXTABLE 1b, 2b

// long user_load_upper_raw(rdi: 8 masks, rsi: 16 registers): k0 to k7, zmm16 to zmm31. 0, or -1 on a fault
    .globl user_load_upper_raw
    .type user_load_upper_raw, @function
user_load_upper_raw:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
1:  kmovq 8 * \n(%rdi), %k\n
    EXTABLE 1b, 2f
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
1:  vmovdqu64 64 * (\n - 16)(%rsi), %zmm\n
    EXTABLE 1b, 2f
    .endr
    xor %eax, %eax
    ret
2:  mov $-1, %rax
    ret

// long user_strncpy_raw(rdi: to, rsi: from, rdx: size): length without NUL, size when there is none, -1 on a fault
    .globl user_strncpy_raw
    .type user_strncpy_raw, @function
user_strncpy_raw:
    xor %eax, %eax
1:  cmp %rdx, %rax
    jae 4f
2:  movzbl (%rsi,%rax), %ecx
    mov %cl, (%rdi,%rax)
    test %cl, %cl
    jz 4f
    inc %rax
    jmp 1b
3:  mov $-1, %rax
4:  ret
    EXTABLE 2b, 3b
    .section .note.GNU-stack, "", @progbits
