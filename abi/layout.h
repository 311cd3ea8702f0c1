// SPDX-License-Identifier: MIT
//
// The memory map of an enclave: where everything stands in the range [0, ENCLAVE_SIZE).
// Both sides build on these numbers: the host places pages by them, the kernel checks pointers by them.
// They enter the measurement (page offsets, SECS.SIZE), so a change here changes every MRENCLAVE.
//
//   0x00_0000_0000  never mapped (null pointers)
//   0x00_0001_0000  programs: executables, heaps, stacks, mappings
//   0x70_0000_0000  kernel dynamic memory: heap, page cache, file data
//   0x7f_c000_0000  kernel image (linked here; no relocation at start)
//   0x7f_c400_0000  measured configuration
//   0x7f_d000_0000  thread areas, one per hardware thread
//   0x80_0000_0000  end of the enclave; everything above is untrusted memory
#pragma once

#define PAGE_SIZE 4096ul
#define PAGE_SHIFT 12

#define ENCLAVE_BASE 0x0ul
#define ENCLAVE_SIZE 0x8000000000ul

#define USER_BASE 0x10000ul
#define USER_END 0x7000000000ul

#define KERNEL_HEAP_BASE 0x7000000000ul
#define KERNEL_HEAP_END 0x7fc0000000ul

#define KERNEL_IMAGE_BASE 0x7fc0000000ul
#define KERNEL_IMAGE_END 0x7fc4000000ul

#define CONFIG_BASE 0x7fc4000000ul
#define CONFIG_MAX_SIZE 0x100000ul

// A thread area holds what one TCS needs. Unlisted pages are never mapped (guards).
#define THREAD_AREA_BASE 0x7fd0000000ul
#define THREAD_AREA_SIZE 0x40000ul
#define THREAD_AREA_COUNT 3072u
#define THREAD_TCS_OFFSET 0x1000ul
#define THREAD_SSA_OFFSET 0x2000ul
#define THREAD_SSA_FRAME_PAGES 1u // room for all of XFEATURES_OFFERED
#define THREAD_SSA_FRAMES 3u     // program, kernel trap entry, fault in the trap entry
#define THREAD_BLOCK_OFFSET 0xe000ul // GS base inside the enclave: struct thread_block
#define THREAD_TRAP_STACK_OFFSET 0x10000ul
#define THREAD_TRAP_STACK_SIZE 0x4000ul
#define THREAD_XSAVE_OFFSET 0x15000ul // the program's vector state while a host call is open
#define THREAD_XSAVE_SIZE 0x1000ul
#define THREAD_KERNEL_STACK_OFFSET 0x18000ul
#define THREAD_KERNEL_STACK_SIZE 0x20000ul
#define THREAD_BOOT_STACK_SIZE 0x6000ul // the upper part of it, which the first thread of an enclave has from the start

#define THREAD_AREA(index) (THREAD_AREA_BASE + (unsigned long)(index) * THREAD_AREA_SIZE)

// Trampolines that the software SGX patches calls to: right behind the enclave, so that a
// 5-byte call from the kernel image reaches them. Untrusted memory.
#define EMULATOR_TRAMPOLINE_BASE ENCLAVE_SIZE
