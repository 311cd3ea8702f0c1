// SPDX-License-Identifier: MIT
//
// CPUID: the instruction is illegal in an enclave, so the host's table is copied at boot. What it lacks is asked for.
//
// What a hostile host can try here, and the answer: lie about the processor. Programs may then choose an instruction that
// faults (denial of service) or a slower path; nothing secret depends on it. Features that cannot work here are cleared.
#include <stdbool.h>
#include <stddef.h>

#include "abi/boot.h"
#include "abi/entry.h"
#include "abi/hostcall.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "target/sgx/target.h"

enum { CPUID_LIMIT = 256 };
static struct boot_cpuid table[CPUID_LIMIT];
static unsigned count;

static void clear_impossible(struct boot_cpuid *c)
{
    if (c->leaf == 1)
        c->ecx &= ~(1u << 3); // MONITOR
    if (c->leaf == 7 && c->subleaf == 0)
        c->ebx &= ~(1u << 0 | 1u << 2); // FSGSBASE belongs to the kernel; SGX
    if (c->leaf == 0x12)
        c->eax = c->ebx = c->ecx = c->edx = 0;
}

void sgx_cpuid_boot(const struct boot_info *boot)
{
    count = boot->cpuid_count < CPUID_LIMIT ? (unsigned)boot->cpuid_count : CPUID_LIMIT;
    if (count)
        host_read(table, boot->cpuid, count * sizeof(table[0]));
    for (unsigned i = 0; i < count; i++)
        clear_impossible(&table[i]);
}

// Others answer the same whatever ECX is.
static bool has_subleaves(uint32_t leaf)
{
    static const uint32_t leaves[] = {4,    7,    0xb,  0xd,  0xf,  0x10, 0x12, 0x14,       0x17,       0x18,
                                      0x1b, 0x1d, 0x1e, 0x1f, 0x20, 0x23, 0x24, 0x8000001d, 0x80000020, 0x80000026};
    for (unsigned i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
        if (leaves[i] == leaf)
            return true;
    return false;
}

static const struct boot_cpuid *find(uint32_t leaf, uint32_t subleaf)
{
    const bool any = !has_subleaves(leaf);
    for (unsigned i = 0; i < count; i++)
        if (table[i].leaf == leaf && (any || table[i].subleaf == subleaf))
            return &table[i];
    return NULL;
}

static void give(const struct boot_cpuid *c, uint32_t ret[4])
{
    ret[0] = c ? c->eax : 0;
    ret[1] = c ? c->ebx : 0;
    ret[2] = c ? c->ecx : 0;
    ret[3] = c ? c->edx : 0;
}

void target_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    give(find(leaf, subleaf), ret);
}

// Asked for is what a host does not tell at boot whose processor executes the instruction, software SGX: the answer is the same then.
void target_cpuid_any(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    const struct boot_cpuid *found = find(leaf, subleaf);
    if (found) {
        give(found, ret);
        return;
    }
    const uint64_t at = sgx_current_block()->host_block + HOST_BLOCK_BOUNCE_OFFSET;
    struct boot_cpuid c = {.leaf = leaf, .subleaf = subleaf};
    uint32_t r[4];
    if (!sgx_call(HOST_CALL_CPUID, leaf, subleaf, at, 0)) {
        host_read(r, at, sizeof(r));
        c.eax = r[0], c.ebx = r[1], c.ecx = r[2], c.edx = r[3];
    }
    give(&c, ret);
}

int target_cpuid_trap(int on)
{
    return (int)sgx_call(HOST_CALL_CPUID_TRAP, (uint64_t)on, 0, 0, 0);
}

int target_cpuid_break(const uint64_t addresses[CPUID_BREAKS])
{
    return (int)sgx_call(HOST_CALL_CPUID_BREAK, addresses[0], addresses[1], addresses[2], addresses[3]);
}
