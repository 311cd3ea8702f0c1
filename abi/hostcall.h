// SPDX-License-Identifier: MIT
//
// Host calls: what the kernel may ask of the host. The host interface is Linux itself: HOST_CALL_SYSCALL
// runs one allow-listed Linux system call (host/hostcall/allow.def) whose pointers all point into untrusted memory.
//
// Rules for the trusted side: fill the struct in untrusted memory, never read back anything but `result`
// (once), clamp and check it. The struct has no padding.
#pragma once

#include <stdint.h>

struct host_call {
    uint64_t kind;   // IN  enum host_call_kind
    uint64_t number; // IN  Linux system call number for HOST_CALL_SYSCALL
    uint64_t arg[6]; // IN
    int64_t result;  // OUT >= 0, or negative errno
};

enum memory_protect_how {
    MEMORY_PROTECT_RESTRICT = 1, // sgx: of the EPCM, too (EMODPR); EACCEPT(PR) follows
    MEMORY_PROTECT_USE = 2,      // the access that is gained is used next: a hint
};

enum { CPUID_BREAKS = 4 }; // addresses of HOST_CALL_CPUID_BREAK: so many breakpoints a processor has

enum host_call_kind {
    HOST_CALL_SYSCALL = 1,  // number, arg[0..5]: result as the system call
    HOST_CALL_EXIT = 2,     // arg0: exit status of myst (0..255). Never returns
    HOST_CALL_ABORT = 3,    // arg0: untrusted text, arg1: length. Prints one line, exits 134. Never returns
    HOST_CALL_THREAD = 4,   // arg0: thread area index. Starts a host thread that enters there with ENTRY_THREAD
    HOST_CALL_THREAD_EXIT = 5, // the host thread ends; its thread area is free again. Never returns
    HOST_CALL_MEMORY_AUGMENT = 6,  // arg0: address, arg1: length, arg2: PROT_*: pages appear (sgx: pending, EACCEPT follows)
                                   //   linux: arg3: address of their content, or 0
    HOST_CALL_MEMORY_PROTECT = 7,  // arg0, arg1, arg2: PROT_* of the host's page tables; arg3: enum memory_protect_how
    HOST_CALL_MEMORY_TRIM = 8,     // arg0, arg1: sgx: EMODT to TRIM; EACCEPT follows. linux: nothing
    HOST_CALL_MEMORY_REMOVE = 9,   // arg0, arg1: pages are gone, the range is PROT_NONE again
    HOST_CALL_MEMORY_TCS = 10,     // arg0: page: sgx: EMODT to TCS; EACCEPT follows
    HOST_CALL_INTERRUPT = 11,      // arg0: thread area index: make that thread leave the enclave or its blocking host call
    HOST_CALL_QUOTE_TARGET_INFO = 12, // arg0: buffer (512 bytes): TARGETINFO of the quoting enclave
    HOST_CALL_QUOTE = 13,          // arg0: REPORT (432), arg1: buffer, arg2: its size: result = quote size
    HOST_CALL_COLLATERAL = 14,     // arg0: request text (abi/collateral.h), arg1: its size, arg2: buffer, arg3: size: result = size
    HOST_CALL_STOP = 15,           // arg0: SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU: myst stops by it, as the program did; 0: was continued
    HOST_CALL_CPUID = 16,          // arg0: leaf, arg1: subleaf, arg2: buffer: EAX, EBX, ECX, EDX of this processor
    HOST_CALL_CPUID_TRAP = 17,     // arg0: 1: CPUID of this thread is to trap from now on, where it does not anyway; 0: no longer
    HOST_CALL_MEMORY_REPLACE = 18, // linux: arg0, arg1, arg2: pages that are there with this access get the content at arg3
    HOST_CALL_CPUID_BREAK = 19,    // arg0..3: addresses, or 0: CPUID that this thread executes there traps from now on, others no longer
    HOST_CALL_KINDS
};

// The per-thread untrusted block: a struct host_call, then room to carry buffers across.
// The kernel treats its address and size as given by the host: checked to lie outside the enclave.
#define HOST_BLOCK_SIZE 0x41000ul
#define HOST_BLOCK_BOUNCE_OFFSET 0x1000ul
