// SPDX-License-Identifier: MIT
#include "emu/epcm.h"

#include <sys/mman.h>
#include <sys/syscall.h>

static int prot_of(unsigned access)
{
    return (access & SGX_SECINFO_R ? PROT_READ : 0) | (access & SGX_SECINFO_W ? PROT_WRITE : 0) |
           (access & SGX_SECINFO_X ? PROT_EXEC : 0);
}

void epcm_lock(struct emu_enclave *e)
{
    enum { SPINS = 100 };
    for (unsigned i = 1; atomic_exchange_explicit(&e->tables_lock, 1, memory_order_acquire); i++) {
        if (i % SPINS)
            __builtin_ia32_pause();
        else
            (void)emu_raw(SYS_sched_yield, 0, 0, 0, 0);
    }
}

void epcm_unlock(struct emu_enclave *e)
{
    atomic_store_explicit(&e->tables_lock, 0, memory_order_release);
}

// The tables agree with the entry, unless that has changed meanwhile: then the next access looks again.
static void mark_open(_Atomic uint16_t *entry, unsigned access)
{
    uint16_t now = atomic_load_explicit(entry, memory_order_acquire);
    while (epcm_access(now) == access && !atomic_compare_exchange_weak(entry, &now, (uint16_t)(now | EPCM_OPEN)))
        ;
}

static int apply_run(struct emu_enclave *e, uint64_t start, uint64_t end, unsigned access, bool there)
{
    enum { HUGE = 0x400000, SMALL = 0x20000, POPULATE_WRITE = 23 };
    long r = emu_raw(SYS_mprotect, start, end - start, (uint64_t)prot_of(access), 0);
    if (!r && !there && access && end - start >= HUGE)
        (void)emu_raw(SYS_madvise, start, end - start, MADV_HUGEPAGE, 0); // a hint
    if (!r && !there && (access & SGX_SECINFO_W) && end - start <= SMALL) // about to be used whole: cheaper than a fault per page
        (void)emu_raw(SYS_madvise, start, end - start, POPULATE_WRITE, 0); // a hint, too
    for (uint64_t p = start; !r && p < end; p += SGX_PAGE_SIZE)
        mark_open(epcm_entry(e, p), access);
    return (int)r;
}

static int apply(struct emu_enclave *e, uint64_t address, uint64_t length, bool there)
{
    uint64_t end = address + length, start = address;
    int r = 0;
    epcm_lock(e);
    while (!r && start < end) {
        unsigned access = epcm_access(epcm_get(e, start));
        uint64_t p = start + SGX_PAGE_SIZE;
        while (p < end && epcm_access(epcm_get(e, p)) == access)
            p += SGX_PAGE_SIZE;
        r = apply_run(e, start, p, access, there);
        start = p;
    }
    epcm_unlock(e);
    return r;
}

int epcm_apply(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    return apply(e, address, length, /* there= */ false);
}

int epcm_apply_there(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    return apply(e, address, length, /* there= */ true);
}
