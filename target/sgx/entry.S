// SPDX-License-Identifier: MIT
//
// Every way into and out of the enclave. OENTRY of every TCS is target_entry.
//
// What a hostile host can try here, and the answer:
// - enter with any registers and flags: nothing but rdi and rsi is looked at; rsi is an address that the kernel checks to lie
//   outside; DF, AC, MXCSR, x87 and vector state are set before C runs; the stack is the thread's own.
// - enter in the wrong state (boot twice, a thread that was not prepared, "return" without an open host call): the state in
//   the thread block is exchanged atomically and must match; anything else leaves with EXIT_FATAL.
// - enter again while a trap is dealt with: CSSA says so; a trap inside the trap entry (CSSA > 1) is fatal.
// - read what is left in registers at EEXIT: all general and vector registers are cleared; the program's vector state is saved
//   inside the enclave before and restored after.
#include "abi/entry.h"
#include "abi/layout.h"
#include "abi/xfeatures.h"
#include "target/sgx/enclu.h"

#define TB_STATE 0x84
#define TB_HOST_EXIT 0x88
#define TB_HOST_RSP 0x90
#define TB_HOST_RBP 0x98
#define TB_FS_BASE 0xa0
#define TCS_TO_BLOCK (THREAD_BLOCK_OFFSET - THREAD_TCS_OFFSET)
#define BLOCK_TO_XSAVE (THREAD_XSAVE_OFFSET - THREAD_BLOCK_OFFSET)
#define STATE_UNUSED 0
#define STATE_READY 1
#define STATE_RUNNING 2
#define STATE_IN_HOST_CALL 3
#define STATE_DEAD 4
#define EEXIT 4
#define MXCSR 24      // in an XSAVE area
#define XSTATE_BV 512 // likewise
#define XSTATE_X87 1
#define XSTATE_AVX 4
#define XSTATE_AVX512 0xe0

    .section .rodata
    .balign 64
initial_xstate: // XRSTOR image that puts everything in its initial state
    .fill 24, 1, 0
    .long 0x1f80 // MXCSR
    .fill 576 - 28, 1, 0

    .section .text.entry, "ax"

.macro INITIAL_VECTOR_STATE
    mov $XFEATURES_OFFERED, %eax
    xor %edx, %edx
    xrstor64 initial_xstate(%rip)
.endm

// The same behind an XSAVE to this area, which has said what is not initial: XRSTOR would take as long as all the rest of a crossing.
// Clobbers rax, rdx.
.macro CLEAR_VECTOR_STATE offset, base
    mov \offset + XSTATE_BV(\base), %eax
    test $XSTATE_X87, %eax
    jnz .Lall\@
    test $XSTATE_AVX | XSTATE_AVX512, %eax
    jz .Lsse\@
    vzeroall
    test $XSTATE_AVX512, %eax
    jz .Lmxcsr\@
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    kxorw %k\n, %k\n, %k\n
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    vpxord %zmm\n, %zmm\n, %zmm\n
    .endr
    jmp .Lmxcsr\@
.Lsse\@:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    pxor %xmm\n, %xmm\n
    .endr
.Lmxcsr\@:
    ldmxcsr initial_xstate + MXCSR(%rip)
    jmp .Lcleared\@
.Lall\@:
    INITIAL_VECTOR_STATE
.Lcleared\@:
.endm

// Clean flags need a stack; rsp is already ours.
.macro CLEAN_FLAGS
    push $2
    popfq
.endm

// state: expected -> new, or out. Clobbers rax, rdx.
.macro EXCHANGE_STATE expected, new
    mov $\expected, %eax
    mov $\new, %edx
    lock cmpxchg %edx, %gs:TB_STATE
    jne refuse
.endm

    .globl target_entry
    .type target_entry, @function
    .pushsection .enclave_sites, "", @progbits
    .quad target_entry, 3 // the kernel uses FS nowhere, but for the canary of nettle's fat_init, which any word will do for
    .popsection
target_entry: // rax: CSSA, rbx: TCS, rcx: where EEXIT goes, rdi: kind, rsi: argument
    cld
    test %rax, %rax
    jnz enter_trap
    cmp $3, %rdi // ENTRY_RETURN
    je enter_return
    cmp $2, %rdi // ENTRY_THREAD
    je enter_thread
    cmp $1, %rdi // ENTRY_BOOT
    je enter_boot
refuse: // rbx may have changed nowhere above; rcx is still where EEXIT goes
    mov %rcx, %rbx
    mov $3, %edi // EXIT_FATAL
    xor %esi, %esi
    xor %edx, %edx
    xor %eax, %eax
    mov $EEXIT, %eax
    ENCLU

enter_boot:
    mov $THREAD_AREA_BASE + THREAD_TCS_OFFSET, %rax
    cmp %rax, %rbx
    jne refuse
    EXCHANGE_STATE STATE_UNUSED, STATE_RUNNING
    lea TCS_TO_BLOCK(%rbx), %rdi
    mov %rdi, (%rdi)
    lea -THREAD_TCS_OFFSET(%rbx), %rax
    mov %rax, 0x40(%rdi) // area
    lea THREAD_KERNEL_STACK_OFFSET + THREAD_KERNEL_STACK_SIZE - 8(%rax), %rdx
    mov %rdx, 0x08(%rdi)
    lea THREAD_TRAP_STACK_OFFSET + THREAD_TRAP_STACK_SIZE - 8(%rax), %rdx
    mov %rdx, 0x38(%rdi)
    mov %rcx, TB_HOST_EXIT(%rdi)
    mov %rsp, TB_HOST_RSP(%rdi)
    mov %rbp, TB_HOST_RBP(%rdi)
    mov 0x08(%rdi), %rsp
    CLEAN_FLAGS
    INITIAL_VECTOR_STATE
    xor %ebp, %ebp
    jmp kernel_boot

enter_thread:
    EXCHANGE_STATE STATE_READY, STATE_RUNNING
    lea TCS_TO_BLOCK(%rbx), %rdi
    mov %rcx, TB_HOST_EXIT(%rdi)
    mov %rsp, TB_HOST_RSP(%rdi)
    mov %rbp, TB_HOST_RBP(%rdi)
    mov 0x08(%rdi), %rsp
    CLEAN_FLAGS
    INITIAL_VECTOR_STATE
    xor %ebp, %ebp
    jmp kernel_thread_start

enter_return:
    EXCHANGE_STATE STATE_IN_HOST_CALL, STATE_RUNNING
    lea TCS_TO_BLOCK(%rbx), %rdi
    mov %rcx, TB_HOST_EXIT(%rdi)
    mov %rsp, TB_HOST_RSP(%rdi)
    mov %rbp, TB_HOST_RBP(%rdi)
    mov THREAD_BLOCK_HOST_CALL_RSP(%rdi), %rsp
    CLEAN_FLAGS
    mov $XFEATURES_OFFERED, %eax
    xor %edx, %edx
    xrstor64 BLOCK_TO_XSAVE(%rdi)
    mov TB_FS_BASE(%rdi), %rdi
    test %rdi, %rdi
    jz 1f
    WRFSBASE_RDI // EENTER loaded the TCS's FS base
1:  pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

// void sgx_host_call(rdi: exit kind, rsi: argument)
    .globl sgx_host_call
    .type sgx_host_call, @function
sgx_host_call:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %gs:0, %rcx
    mov $XFEATURES_OFFERED, %eax
    xor %edx, %edx
    xsave64 BLOCK_TO_XSAVE(%rcx)
    CLEAR_VECTOR_STATE BLOCK_TO_XSAVE, %rcx
    mov %rsp, THREAD_BLOCK_HOST_CALL_RSP(%rcx)
    mov TB_HOST_EXIT(%rcx), %rbx
    mov TB_HOST_RSP(%rcx), %rsp
    mov TB_HOST_RBP(%rcx), %rbp
    movl $STATE_IN_HOST_CALL, TB_STATE(%rcx)
    jmp leave

// _Noreturn void sgx_thread_leave(rdi: exit kind, rsi: argument): for good. The area may be prepared again as soon as its state
// says so, hence not before its kernel stack is left; its TCS stays busy until EEXIT.
    .globl sgx_thread_leave
    .type sgx_thread_leave, @function
sgx_thread_leave:
    mov %gs:0, %rcx
    mov $XFEATURES_OFFERED, %eax
    xor %edx, %edx
    xrstor64 initial_xstate(%rip)
    mov TB_HOST_EXIT(%rcx), %rbx
    mov TB_HOST_RSP(%rcx), %rsp
    mov TB_HOST_RBP(%rcx), %rbp
    movl $STATE_DEAD, TB_STATE(%rcx)

leave: // rdi, rsi, rbx, rsp, rbp are what the host may see
    xor %ecx, %ecx
    xor %edx, %edx
    xor %r8d, %r8d
    xor %r9d, %r9d
    xor %r10d, %r10d
    xor %r11d, %r11d
    xor %r12d, %r12d
    xor %r13d, %r13d
    xor %r14d, %r14d
    xor %r15d, %r15d
    mov $EEXIT, %eax
    ENCLU

enter_trap: // CSSA 1: report of an exception or interrupt; stage 1 runs on the trap stack with the host's vector registers
    cmp $1, %rax
    jne refuse
    mov %rsp, %rdx
    mov %gs:THREAD_BLOCK_TRAP_STACK_TOP, %rsp
    test %rsp, %rsp
    jz refuse
    CLEAN_FLAGS
    push %rcx
    push %rdx
    push %rbp
    lea TCS_TO_BLOCK(%rbx), %rdi
    call sgx_trap
    pop %rbp
    pop %rdx
    pop %rbx
    mov %rdx, %rsp
    mov $2, %edi // EXIT_RESUME
    xor %esi, %esi
    jmp leave

// uint64_t sgx_enclu(rdi: leaf, rsi: rbx, rdx: rcx, rcx: rdx)
    .globl sgx_enclu
    .type sgx_enclu, @function
sgx_enclu:
    push %rbx
    mov %rdi, %rax
    mov %rsi, %rbx
    xchg %rdx, %rcx
    ENCLU
    pop %rbx
    ret

// void sgx_set_fs_base(rdi)
    .globl sgx_set_fs_base
    .type sgx_set_fs_base, @function
sgx_set_fs_base:
    WRFSBASE_RDI
    ret
    .section .note.GNU-stack, "", @progbits
