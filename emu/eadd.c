// SPDX-License-Identifier: MIT
//
// EADD and EEXTEND.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "emu/epcm.h"
#include "sgx/measurement.h"

static bool tcs_is_legal(const struct emu_enclave *e, const struct sgx_tcs *t)
{
    const uint64_t page = SGX_PAGE_SIZE - 1;
    return !(t->flags & ~(uint64_t)SGX_TCS_DBGOPTIN) && t->nssa && !(t->ossa & page) && !(t->ofsbase & page) &&
           !(t->ogsbase & page) && t->ossa < e->secs.size && t->ofsbase < e->secs.size && t->ogsbase < e->secs.size &&
           t->oentry < e->secs.size;
}

static int add_tcs(struct emu_enclave *e, uint64_t address, const void *content)
{
    struct sgx_tcs tcs = {0};
    if (content)
        memcpy(&tcs, content, sizeof(tcs));
    if (!tcs_is_legal(e, &tcs))
        return -EINVAL;
    tcs.flags &= ~(uint64_t)SGX_TCS_DBGOPTIN;
    tcs.state = tcs.aep = 0;
    tcs.cssa = 0;
    return emu_tcs_add(e, address, &tcs);
}

// Content goes in through this process's page tables, which stay open until EINIT: nobody is inside before.
int emu_eadd_prepare(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    if (!emu_in_range(e, address, length) || address < e->reserved)
        return -EINVAL;
    if (mprotect((void *)address, length, PROT_READ | PROT_WRITE))
        return -errno;
    enum { POPULATE_WRITE = 23 };
    (void)madvise((void *)address, length, POPULATE_WRITE); // a hint: cheaper than a fault per page
    e->open_start = address;
    e->open_end = address + length;
    return 0;
}

static int add_regular(struct emu_enclave *e, uint64_t address, const void *content, uint64_t length)
{
    bool open = address >= e->open_start && address + length <= e->open_end;
    int r = open ? 0 : emu_eadd_prepare(e, address, length);
    if (r)
        return r;
    if (content)
        memcpy((void *)address, content, length); // else: the reservation is zero
    return 0;
}

static bool operands_are_legal(const struct emu_enclave *e, uint64_t address, uint64_t length, uint64_t flags)
{
    uint64_t type = (flags & SGX_SECINFO_TYPE) >> 8;
    bool write_only = (flags & SGX_SECINFO_W) && !(flags & SGX_SECINFO_R);
    return !e->initialised && length && address % SGX_PAGE_SIZE == 0 && length % SGX_PAGE_SIZE == 0 &&
           emu_in_range(e, address, length) && address >= e->reserved && !(flags & ~(uint64_t)(SGX_SECINFO_RWX | SGX_SECINFO_TYPE)) &&
           !write_only && ((type == SGX_PT_TCS && !(flags & SGX_SECINFO_RWX)) || type == SGX_PT_REG);
}

int emu_eadd(struct emu_enclave *e, uint64_t address, const void *content, uint64_t length, uint64_t secinfo_flags)
{
    if (!operands_are_legal(e, address, length, secinfo_flags))
        return -EINVAL;
    unsigned type = (unsigned)((secinfo_flags & SGX_SECINFO_TYPE) >> 8);
    for (uint64_t p = address; p < address + length; p += SGX_PAGE_SIZE)
        if (epcm_get(e, p) & EPCM_VALID)
            return -EFAULT;
    int r = type == SGX_PT_REG ? add_regular(e, address, content, length) : 0;
    for (uint64_t at = 0; !r && at < length; at += SGX_PAGE_SIZE) {
        if (type == SGX_PT_TCS)
            r = add_tcs(e, address + at, content ? (const uint8_t *)content + at : NULL);
        if (!r)
            epcm_set(e, address + at, EPCM_VALID | type << EPCM_TYPE_SHIFT | (unsigned)(secinfo_flags & SGX_SECINFO_RWX));
        if (!r)
            sgx_measurement_eadd(e->measurement, address + at - e->secs.base, secinfo_flags);
    }
    return r;
}

int emu_eextend(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    const uint64_t page = address & ~(uint64_t)(SGX_PAGE_SIZE - 1);
    if (e->initialised || !length || address % SGX_EEXTEND_SIZE || length % SGX_EEXTEND_SIZE || length > SGX_PAGE_SIZE ||
        address - page > SGX_PAGE_SIZE - length || !emu_in_range(e, address, length))
        return -EINVAL;
    unsigned entry = epcm_get(e, page);
    if (!(entry & EPCM_VALID))
        return -EFAULT;
    if (epcm_type(entry) == SGX_PT_REG) {
        sgx_measurement_eextend(e->measurement, address - e->secs.base, (const uint8_t *)address, length);
        return 0;
    }
    uint8_t content[SGX_PAGE_SIZE] = {0};
    memcpy(content, &emu_tcs_find(e, page)->page, sizeof(struct sgx_tcs));
    sgx_measurement_eextend(e->measurement, address - e->secs.base, content + (address - page), length);
    return 0;
}
