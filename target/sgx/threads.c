// SPDX-License-Identifier: MIT
//
// Thread areas beyond the first: their pages and TCS are added at run time, once; a finished thread's area is used again.
//
// What a hostile host can try here, and the answer:
// - enter a TCS that was not prepared, or twice: the state in the thread block (target/sgx/entry.S).
// - put something else into the TCS: it is written inside the enclave before EMODT, and EACCEPT checks it.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/boot.h"
#include "abi/entry.h"
#include "abi/hostcall.h"
#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/check.h"
#include "target/sgx/enclu.h"
#include "target/sgx/target.h"

struct tcs { // SDM vol. 3D, 38.8
    uint64_t state, flags, ossa;
    uint32_t cssa, nssa;
    uint64_t oentry, aep, ofsbase, ogsbase;
    uint32_t fslimit, gslimit;
};

extern const char target_entry[];

static uint64_t host_blocks;
static uint8_t area_ready[THREAD_AREA_COUNT];

// The rest of the first thread's stack is memory as any other: to measure it would take longer.
void sgx_threads_boot(const struct boot_info *boot)
{
    host_blocks = boot->host_blocks;
    const uint64_t stack = THREAD_AREA(0) + THREAD_KERNEL_STACK_OFFSET;
    ASSERT(!target_memory_commit(stack, THREAD_KERNEL_STACK_SIZE - THREAD_BOOT_STACK_SIZE, PROT_READ | PROT_WRITE));
}

static int commit_area(uint64_t area)
{
    static const struct {
        uint64_t offset, size;
    } parts[] = {
        {THREAD_TCS_OFFSET, PAGE_SIZE},
        {THREAD_SSA_OFFSET, THREAD_SSA_FRAME_PAGES * THREAD_SSA_FRAMES * PAGE_SIZE},
        {THREAD_BLOCK_OFFSET, PAGE_SIZE},
        {THREAD_TRAP_STACK_OFFSET, THREAD_TRAP_STACK_SIZE},
        {THREAD_XSAVE_OFFSET, THREAD_XSAVE_SIZE},
        {THREAD_KERNEL_STACK_OFFSET, THREAD_KERNEL_STACK_SIZE},
    };
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        int r = target_memory_commit(area + parts[i].offset, parts[i].size, PROT_READ | PROT_WRITE);
        if (r)
            return r;
    }
    return 0;
}

static int make_tcs(uint64_t area)
{
    struct tcs *tcs = (struct tcs *)(area + THREAD_TCS_OFFSET);
    *tcs = (struct tcs){
        .ossa = area + THREAD_SSA_OFFSET - ENCLAVE_BASE,
        .nssa = THREAD_SSA_FRAMES,
        .oentry = (uint64_t)target_entry - ENCLAVE_BASE,
        .ofsbase = area + THREAD_BLOCK_OFFSET - ENCLAVE_BASE,
        .ogsbase = area + THREAD_BLOCK_OFFSET - ENCLAVE_BASE,
        .fslimit = 0xffffffff,
        .gslimit = 0xffffffff,
    };
    long r = sgx_call(HOST_CALL_MEMORY_TCS, area + THREAD_TCS_OFFSET, 0, 0, 0);
    if (r)
        return -EAGAIN;
    sgx_accept(area + THREAD_TCS_OFFSET, PAGE_SIZE, SECINFO_TCS | SECINFO_MODIFIED);
    return 0;
}

int target_thread_prepare(unsigned index, struct thread_block **ret_tb)
{
    if (index == 0 || index >= THREAD_AREA_COUNT)
        return -EAGAIN;
    uint64_t area = THREAD_AREA(index);
    if (!area_ready[index]) {
        int r = commit_area(area);
        if (!r)
            r = make_tcs(area);
        if (r)
            return r;
        area_ready[index] = 1;
    }
    struct thread_block *tb = (struct thread_block *)(area + THREAD_BLOCK_OFFSET);
    *tb = (struct thread_block){
        .self = tb,
        .kernel_stack_top = area + THREAD_KERNEL_STACK_OFFSET + THREAD_KERNEL_STACK_SIZE - 8,
        .trap_stack_top = area + THREAD_TRAP_STACK_OFFSET + THREAD_TRAP_STACK_SIZE - 8,
        .area = area,
        .area_index = index,
        .host_block = host_blocks + index * HOST_BLOCK_SIZE,
        .host_block_size = HOST_BLOCK_SIZE,
        .canary = sgx_current_block()->canary,
        .syscall_entry = sgx_current_block()->syscall_entry,
        .cpuid_entry = sgx_current_block()->cpuid_entry,
        .state = THREAD_BLOCK_UNUSED,
    };
    __atomic_store_n(&tb->state, THREAD_BLOCK_READY, __ATOMIC_RELEASE);
    *ret_tb = tb;
    return 0;
}

int target_thread_start(unsigned index)
{
    long r = sgx_call(HOST_CALL_THREAD, index, 0, 0, 0);
    return r ? -EAGAIN : 0;
}
