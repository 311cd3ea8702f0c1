// SPDX-License-Identifier: MIT
//
// ENCLU leaves that the trusted code executes (SDM vol. 3D, chapter 40), and its crossings.
#pragma once

#ifdef __ASSEMBLER__
// Every ENCLU stands padded to 5 bytes and is listed, so that software SGX can put a call there after measuring.
.macro ENCLU
770:
    .byte 0x0f, 0x01, 0xd7, 0x66, 0x90
    .pushsection .enclave_sites, "", @progbits
    .quad 770b, 1
    .popsection
.endm
.macro WRFSBASE_RDI
771:
    wrfsbase %rdi
    .pushsection .enclave_sites, "", @progbits
    .quad 771b, 2
    .popsection
.endm
#else
#include <stdint.h>

enum { EREPORT = 0, EGETKEY = 1, EACCEPT = 5, EMODPE = 6, EACCEPTCOPY = 7 };

// Executes ENCLU[leaf] with rbx, rcx, rdx. Value: RAX afterwards (0, or an SGX error code) for leaves that give one.
uint64_t sgx_enclu(uint64_t leaf, const void *rbx, const void *rcx, void *rdx);
// Leaves the enclave with a host call and comes back with its answer in the call's memory.
void sgx_host_call(uint64_t exit_kind, uint64_t argument);
_Noreturn void sgx_thread_leave(uint64_t exit_kind, uint64_t argument); // for good: the area is free
void sgx_set_fs_base(uint64_t base);

// SECINFO.FLAGS
enum {
    SECINFO_R = 1,
    SECINFO_W = 2,
    SECINFO_X = 4,
    SECINFO_PENDING = 8,
    SECINFO_MODIFIED = 16,
    SECINFO_PR = 32,
    SECINFO_TCS = 1 << 8,
    SECINFO_REG = 2 << 8,
    SECINFO_TRIM = 4 << 8,
};
#endif
