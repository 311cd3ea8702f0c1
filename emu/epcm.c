// SPDX-License-Identifier: MIT
#include "emu/epcm.h"

#include <sys/mman.h>
#include <sys/syscall.h>

static int prot_of(unsigned access)
{
    return (access & SGX_SECINFO_R ? PROT_READ : 0) | (access & SGX_SECINFO_W ? PROT_WRITE : 0) |
           (access & SGX_SECINFO_X ? PROT_EXEC : 0);
}

static int apply_run(struct emu_enclave *e, uint64_t start, uint64_t end, unsigned access)
{
    enum { HUGE = 0x400000, SMALL = 0x20000, POPULATE_WRITE = 23 };
    long r = emu_raw(SYS_mprotect, start, end - start, (uint64_t)prot_of(access), 0);
    if (!r && access && end - start >= HUGE)
        (void)emu_raw(SYS_madvise, start, end - start, MADV_HUGEPAGE, 0); // a hint
    if (!r && (access & SGX_SECINFO_W) && end - start <= SMALL) // about to be used whole: cheaper than a fault per page
        (void)emu_raw(SYS_madvise, start, end - start, POPULATE_WRITE, 0); // a hint, too
    for (uint64_t p = start; !r && p < end; p += SGX_PAGE_SIZE)
        atomic_fetch_or_explicit(epcm_entry(e, p), EPCM_OPEN, memory_order_release);
    return (int)r;
}

int epcm_apply(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    uint64_t end = address + length, start = address;
    int r = 0;
    while (!r && start < end) {
        unsigned access = epcm_access(epcm_get(e, start));
        uint64_t p = start + SGX_PAGE_SIZE;
        while (p < end && epcm_access(epcm_get(e, p)) == access)
            p += SGX_PAGE_SIZE;
        r = apply_run(e, start, p, access);
        start = p;
    }
    return r;
}
