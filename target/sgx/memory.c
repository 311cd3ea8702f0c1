// SPDX-License-Identifier: MIT
//
// Enclave memory at run time (SGX2, SDM vol. 3D 37.5): the host changes pages, the enclave accepts each change.
//
// What a hostile host can try here, and the answer:
// - not add, not restrict, or add other pages than asked: EACCEPT compares with the EPCM and fails; the enclave stops.
// - give a page with content: EAUG pages are zero by hardware.
// - map with less access than agreed: the program or kernel faults; denial of service, nothing more.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/hostcall.h"
#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "target/sgx/enclu.h"
#include "target/sgx/target.h"

struct secinfo {
    uint64_t flags;
    uint64_t reserved[7];
} __attribute__((aligned(64)));

// EPCM permissions of a PROT_ value: W and X imply R in the EPCM.
static uint64_t permissions(int prot)
{
    uint64_t p = 0;
    if (prot & (PROT_READ | PROT_WRITE | PROT_EXEC))
        p = SECINFO_R;
    if (prot & PROT_WRITE)
        p |= SECINFO_W;
    if (prot & PROT_EXEC)
        p |= SECINFO_X;
    return p;
}

void sgx_accept(uint64_t address, uint64_t length, uint64_t flags)
{
    const struct secinfo info = {.flags = flags};
    for (uint64_t p = address; p < address + length; p += PAGE_SIZE)
        if (sgx_enclu(EACCEPT, &info, (const void *)p, NULL))
            host_lied("a memory change that it answered did not happen");
}

static void extend(uint64_t address, uint64_t length, uint64_t p)
{
    const struct secinfo info = {.flags = SECINFO_REG | p};
    for (uint64_t page = address; page < address + length; page += PAGE_SIZE)
        (void)sgx_enclu(EMODPE, &info, (const void *)page, NULL); // gives no code; a bad page faults
}

int target_memory_commit(uintptr_t address, size_t length, int prot)
{
    long r = sgx_call(HOST_CALL_MEMORY_AUGMENT, address, length, PROT_READ | PROT_WRITE, 0);
    if (r)
        return r < 0 && r >= -4095 ? (int)r : -EIO;
    sgx_accept(address, length, SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING);
    if (prot != (PROT_READ | PROT_WRITE))
        return target_memory_protect(address, length, PROT_READ | PROT_WRITE, prot);
    return 0;
}

int target_memory_commit_copy(uintptr_t address, size_t length, int prot, const void *from)
{
    const struct secinfo info = {.flags = SECINFO_REG | permissions(prot)};
    long r = sgx_call(HOST_CALL_MEMORY_AUGMENT, address, length, PROT_READ | PROT_WRITE | prot, 0);
    if (r)
        return r < 0 && r >= -4095 ? (int)r : -EIO;
    for (size_t at = 0; at < length; at += PAGE_SIZE)
        if (sgx_enclu(EACCEPTCOPY, &info, (void *)(address + at), (void *)((uintptr_t)from + at)))
            host_lied("memory that it answered to have added is not there");
    return 0; // page tables that allow more than the EPCM do no harm
}

static int change_access(uintptr_t address, size_t length, int old_prot, int new_prot, enum memory_protect_how how)
{
    uint64_t before = permissions(old_prot), after = permissions(new_prot);
    if (before & ~after) { // R, W, X are the same bits in SECINFO and PROT_*
        if (sgx_call(HOST_CALL_MEMORY_PROTECT, address, length, before & after, MEMORY_PROTECT_RESTRICT))
            return -ENOMEM;
        sgx_accept(address, length, SECINFO_REG | SECINFO_PR | (before & after));
    }
    if (after & ~before)
        extend(address, length, after);
    if ((after & ~before) || !(before & ~after) || (before & after) != (uint64_t)new_prot)
        if (sgx_call(HOST_CALL_MEMORY_PROTECT, address, length, (uint64_t)new_prot, how))
            return -ENOMEM;
    return 0;
}

int target_memory_protect(uintptr_t address, size_t length, int old_prot, int new_prot)
{
    return change_access(address, length, old_prot, new_prot, 0);
}

int target_memory_open(uintptr_t address, size_t length, int old_prot, int new_prot)
{
    return change_access(address, length, old_prot, new_prot, MEMORY_PROTECT_USE);
}

int target_memory_replace(uintptr_t address, size_t count, int prot, const uint8_t *const contents[])
{
    const size_t length = count * PAGE_SIZE;
    int r = prot & PROT_WRITE ? 0 : target_memory_open(address, length, prot, prot | PROT_READ | PROT_WRITE);
    if (r)
        return r;
    for (size_t i = 0; i < count; i++)
        memcpy((void *)(address + i * PAGE_SIZE), contents[i], PAGE_SIZE);
    return prot & PROT_WRITE ? 0 : target_memory_protect(address, length, prot | PROT_READ | PROT_WRITE, prot);
}

int target_memory_remove(uintptr_t address, size_t length)
{
    if (sgx_call(HOST_CALL_MEMORY_TRIM, address, length, 0, 0))
        host_lied("it refused to take memory back");
    sgx_accept(address, length, SECINFO_TRIM | SECINFO_MODIFIED);
    if (sgx_call(HOST_CALL_MEMORY_REMOVE, address, length, 0, 0))
        host_lied("it refused to take memory back");
    return 0;
}
