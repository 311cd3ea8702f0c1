// SPDX-License-Identifier: MIT
//
// What the host hands to the kernel at ENTRY_BOOT, in untrusted memory. Nothing in it is believed: the kernel
// copies it once, checks every address to lie outside the enclave and every size against a bound, and uses
// arguments and environment only as far as the measured configuration allows.
#pragma once

#include <stdint.h>

#define BOOT_INFO_VERSION 1u
#define BOOT_MAX_STRINGS 4096u
#define BOOT_MAX_STRING_BYTES 0x200000u // ARG_MAX

struct boot_image { // a file mapped read-only by the host (abi/image.h); verified against the measured root hash
    uint64_t data; // address of the archive and index, data_size bytes as the configuration says
    uint64_t tree; // address of the first hash block (behind the superblock's block)
    uint64_t tree_size; // bytes of hash blocks
};

struct boot_info {
    uint32_t version;
    uint32_t flags; // BOOT_*
    struct boot_image rootfs;
    struct boot_image system;  // holds the attestation service
    uint64_t arguments;        // address of NUL-separated strings: argv[0], argv[1], ...
    uint64_t arguments_size;   // bytes, including the last NUL
    uint64_t environment;      // likewise, K=V
    uint64_t environment_size;
    uint64_t host_block[2];    // boot thread's untrusted block: address, size
    uint64_t host_blocks;      // array of blocks for all thread areas: block i at host_blocks + i * HOST_BLOCK_SIZE
    uint64_t cpuid;            // address of struct boot_cpuid[cpuid_count]: what CPUID answers on this machine; SGX forbids it
    uint64_t cpuid_count;
    uint64_t host_call;        // linux target: address of the host's function void host_call(struct host_call *)
    uint64_t hwcap[2];         // AT_HWCAP, AT_HWCAP2 of the host
    uint64_t tsc_khz;          // TSC frequency as the host knows it, 0 if unknown
    uint64_t cpu_count;        // processors available to the host process
    uint64_t ignored_signals;  // bit n-1: myst was started with signal n ignored, and so is the first program
    uint64_t host_signals;     // address of a word: bit n-1 is signal n, set by the host, cleared by the kernel when it takes it
};

#define BOOT_STRACE 0x1u // print a line per system call; honoured only in a debug enclave or on the linux target

struct boot_cpuid {
    uint32_t leaf, subleaf;
    uint32_t eax, ebx, ecx, edx;
};
