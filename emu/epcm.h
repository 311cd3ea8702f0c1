// SPDX-License-Identifier: MIT
//
// The EPCM (SDM vol. 3D, 36.5.1 and 38.19): per page of the enclave's range, what the processor knows. Bits as in SECINFO.FLAGS,
// plus what the operating system's page tables allow.
#pragma once

#include "emu/state.h"

enum {
    EPCM_VALID = 1 << 6,
    EPCM_OPEN = 1 << 7, // this process's page tables agree with the rest; else the next access makes them
    EPCM_TYPE_SHIFT = 8,
    EPCM_TYPE = 7 << EPCM_TYPE_SHIFT,
    EPCM_MORE = 1 << 11, // EAUG added the next page, too, and this one is not accepted yet
    EPCM_OS_SHIFT = 12, // R, W, X of the page tables
    EPCM_OS = 7 << EPCM_OS_SHIFT,
    EPCM_FLAGS = SGX_SECINFO_RWX | SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED | SGX_SECINFO_PR,
};

static inline _Atomic uint16_t *epcm_entry(const struct emu_enclave *e, uint64_t address)
{
    return &e->epcm[(address - e->secs.base) / SGX_PAGE_SIZE];
}
static inline unsigned epcm_get(const struct emu_enclave *e, uint64_t address)
{
    return atomic_load_explicit(epcm_entry(e, address), memory_order_acquire);
}
static inline void epcm_set(const struct emu_enclave *e, uint64_t address, unsigned value)
{
    atomic_store_explicit(epcm_entry(e, address), (uint16_t)value, memory_order_release);
}
static inline unsigned epcm_type(unsigned entry)
{
    return (entry & EPCM_TYPE) >> EPCM_TYPE_SHIFT;
}
// Access (R, W, X as in SECINFO) that software has: none before EACCEPT, none to a TCS.
static inline unsigned epcm_access(unsigned entry)
{
    bool usable = (entry & EPCM_VALID) && epcm_type(entry) == SGX_PT_REG &&
                  !(entry & (SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED));
    return usable ? entry & SGX_SECINFO_RWX & (entry >> EPCM_OS_SHIFT) : 0;
}

// Held while page tables are changed: what they are made to say is read under it, so that who takes access away, by a change of the entry
// and then of the tables, is not undone by who was about to open the page. Signal handlers take it, with all signals blocked, and nothing
// faults while it is held.
void epcm_lock(struct emu_enclave *e);
void epcm_unlock(struct emu_enclave *e);

// Makes the page tables of [address, address+length) what the entries say, a run of equal pages at a time. 0 or negative errno.
int epcm_apply(struct emu_enclave *e, uint64_t address, uint64_t length);
// The same for pages that have content already.
int epcm_apply_there(struct emu_enclave *e, uint64_t address, uint64_t length);
