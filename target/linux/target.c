// SPDX-License-Identifier: MIT
//
// The linux target: the kernel in an ordinary process, for development and comparison. No TEE: whoever runs the process
// can read and change everything. It is also the smallest example of what a target has to do.
#include "abi/target.h"

#include <asm/prctl.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <stdbool.h>

#include "abi/boot.h"
#include "abi/entry.h"
#include "abi/hostcall.h"
#include "abi/layout.h"
#include "abi/xfeatures.h"
#include "kernel/lib/klib.h"

const char target_name[] = "linux";
const int target_is_tee = 0;

long linux_host_call(struct host_call *call, uint64_t function, uint64_t stack);
_Noreturn void linux_thread_exit(struct host_call *call, uint64_t function, uint64_t stack);

static uint64_t host_function, host_blocks;

static struct thread_block *current_block(void)
{
    struct thread_block *tb;
    __asm__("mov %%gs:0, %0" : "=r"(tb));
    return tb;
}

void target_boot(struct thread_block *tb, const struct boot_info *boot)
{
    host_function = boot->host_call;
    host_blocks = boot->host_blocks;
    tb->target_scratch[0] = (uint64_t)kernel_trap; // where the host's signal handler goes
    tb->state = THREAD_BLOCK_RUNNING;
}

long target_host_call(unsigned kind, uint64_t number, const uint64_t arg[6])
{
    struct thread_block *tb = current_block();
    struct host_call *call = (struct host_call *)tb->host_block;
    call->kind = kind;
    call->number = number;
    for (unsigned i = 0; i < 6; i++)
        call->arg[i] = arg[i];
    // The host's answer uses no vector registers (host/meson.build), except where it calls libc.
    bool vectors = kind == HOST_CALL_THREAD;
    if (vectors)
        __asm__ volatile("xsave64 (%0)" : : "r"(tb->area + THREAD_XSAVE_OFFSET), "a"(XFEATURES_OFFERED), "d"(0) : "memory");
    linux_host_call(call, host_function, tb->host_rsp);
    if (vectors)
        __asm__ volatile("xrstor64 (%0)" : : "r"(tb->area + THREAD_XSAVE_OFFSET), "a"(XFEATURES_OFFERED), "d"(0) : "memory");
    return call->result;
}

static long call3(unsigned kind, uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t arg[6] = {a, b, c};
    return target_host_call(kind, 0, arg);
}

int target_memory_commit(uintptr_t address, size_t length, int prot)
{
    return (int)call3(HOST_CALL_MEMORY_AUGMENT, address, length, (uint64_t)prot);
}

int target_memory_commit_copy(uintptr_t address, size_t length, int prot, const void *from)
{
    const uint64_t arg[6] = {address, length, (uint64_t)prot, (uint64_t)from};
    return (int)target_host_call(HOST_CALL_MEMORY_AUGMENT, 0, arg);
}

int target_memory_protect(uintptr_t address, size_t length, int old_prot, int new_prot)
{
    return (int)call3(HOST_CALL_MEMORY_PROTECT, address, length, (uint64_t)new_prot);
}

int target_memory_open(uintptr_t address, size_t length, int old_prot, int new_prot)
{
    return target_memory_protect(address, length, old_prot, new_prot);
}

int target_memory_remove(uintptr_t address, size_t length)
{
    return (int)call3(HOST_CALL_MEMORY_REMOVE, address, length, 0);
}

void target_set_fs_base(uint64_t base)
{
    const uint64_t arg[6] = {ARCH_SET_FS, base};
    current_block()->fs_base = base;
    (void)target_host_call(HOST_CALL_SYSCALL, __NR_arch_prctl, arg); // cannot fail for a canonical address
}

// By the host: the instruction may trap just now (target_cpuid_trap), and stage 1 of a trap is not ours.
void target_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    const uint64_t at = current_block()->host_block + HOST_BLOCK_BOUNCE_OFFSET;
    (void)call3(HOST_CALL_CPUID, leaf, subleaf, at);
    memcpy(ret, (const void *)at, 4 * sizeof(ret[0]));
}

void target_cpuid_any(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    target_cpuid(leaf, subleaf, ret);
}

int target_cpuid_trap(int on)
{
    return (int)call3(HOST_CALL_CPUID_TRAP, (uint64_t)on, 0, 0);
}

int target_cpuid_break(const uint64_t addresses[CPUID_BREAKS])
{
    const uint64_t arg[6] = {addresses[0], addresses[1], addresses[2], addresses[3]};
    return (int)target_host_call(HOST_CALL_CPUID_BREAK, 0, arg);
}

// Memory of a thread area is committed once and kept for the area's next thread.
static uint8_t area_committed[THREAD_AREA_COUNT];

static int commit_area(uint64_t area)
{
    static const struct {
        uint64_t offset, size;
    } parts[] = {
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

int target_thread_prepare(unsigned index, struct thread_block **ret_tb)
{
    if (index == 0 || index >= THREAD_AREA_COUNT)
        return -EAGAIN;
    uint64_t area = THREAD_AREA(index);
    if (!area_committed[index]) {
        int r = commit_area(area);
        if (r)
            return r;
        area_committed[index] = 1;
    }
    struct thread_block *tb = (struct thread_block *)(area + THREAD_BLOCK_OFFSET);
    *tb = (struct thread_block){
        .self = tb,
        .kernel_stack_top = area + THREAD_KERNEL_STACK_OFFSET + THREAD_KERNEL_STACK_SIZE - 8, // entry.S: frames keep C's alignment
        .trap_stack_top = area + THREAD_TRAP_STACK_OFFSET + THREAD_TRAP_STACK_SIZE - 8,
        .area = area,
        .area_index = index,
        .host_block = host_blocks + index * HOST_BLOCK_SIZE,
        .host_block_size = HOST_BLOCK_SIZE,
        .canary = current_block()->canary,
        .syscall_entry = current_block()->syscall_entry,
        .cpuid_entry = current_block()->cpuid_entry,
        .target_scratch = {(uint64_t)kernel_trap},
        .state = THREAD_BLOCK_READY,
    };
    *ret_tb = tb;
    return 0;
}

int target_thread_start(unsigned index)
{
    return (int)call3(HOST_CALL_THREAD, index, 0, 0);
}

void target_thread_exit(void)
{
    struct thread_block *tb = current_block();
    struct host_call *call = (struct host_call *)tb->host_block;
    call->kind = HOST_CALL_THREAD_EXIT;
    linux_thread_exit(call, host_function, tb->host_rsp);
}

void target_thread_interrupt(unsigned index)
{
    (void)call3(HOST_CALL_INTERRUPT, index, 0, 0); // a thread that is gone needs no interrupt
}

int target_report(const uint8_t target_info[512], const uint8_t report_data[64], uint8_t ret_report[432])
{
    return -EINVAL;
}

int target_get_key(const uint8_t key_request[512], uint8_t ret_key[16])
{
    return -EINVAL;
}

void target_exit(int status)
{
    call3(HOST_CALL_EXIT, (uint64_t)status, 0, 0);
    __builtin_unreachable();
}

void target_abort(const char *reason, size_t length)
{
    call3(HOST_CALL_ABORT, (uint64_t)reason, length, 0);
    __builtin_unreachable();
}
