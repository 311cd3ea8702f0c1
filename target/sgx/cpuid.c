// SPDX-License-Identifier: MIT
//
// CPUID for programs: the instruction is illegal in an enclave, so the host's table is copied at boot.
//
// What a hostile host can try here, and the answer: lie about the processor. Programs may then choose an instruction that
// faults (denial of service) or a slower path; nothing secret depends on it. Features that cannot work here are cleared.
#include "abi/boot.h"
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

void target_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    const struct boot_cpuid *found = NULL;
    for (unsigned i = 0; i < count; i++)
        if (table[i].leaf == leaf && (!found || table[i].subleaf == subleaf))
            found = &table[i];
    bool exact = found && (found->subleaf == subleaf || found->subleaf == 0);
    ret[0] = exact ? found->eax : 0;
    ret[1] = exact ? found->ebx : 0;
    ret[2] = exact ? found->ecx : 0;
    ret[3] = exact ? found->edx : 0;
}
