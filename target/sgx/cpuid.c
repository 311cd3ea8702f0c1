// SPDX-License-Identifier: MIT
//
// CPUID: the instruction is illegal in an enclave, so the host's table is copied at boot. What it lacks is asked for.
//
// What a hostile host can try here, and the answer: lie about the processor. Programs may then choose an instruction that
// faults (denial of service) or a slower path; nothing secret depends on it. Features that cannot work here are cleared.
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

static const struct boot_cpuid *find(uint32_t leaf, uint32_t subleaf)
{
    const struct boot_cpuid *found = NULL;
    for (unsigned i = 0; i < count; i++)
        if (table[i].leaf == leaf && (!found || table[i].subleaf == subleaf))
            found = &table[i];
    return found && (found->subleaf == subleaf || found->subleaf == 0) ? found : NULL;
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
