// SPDX-License-Identifier: MIT
//
// What the operating system does to pages of a running enclave: EAUG, EMODPR, EMODT, EREMOVE, and its own page tables.
// ETRACK needs no counterpart: page tables change for all threads at once. But for making a TCS, nothing here uses thread-local storage:
// exit handlers call it.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "emu/epcm.h"
#include "sgx/result.h"

static bool range_is_legal(const struct emu_enclave *e, uint64_t address, uint64_t length)
{
    return e->initialised && length && address % SGX_PAGE_SIZE == 0 && length % SGX_PAGE_SIZE == 0 &&
           emu_in_range(e, address, length) && address >= e->reserved;
}

int emu_eaug(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    if (!range_is_legal(e, address, length))
        return -EINVAL;
    for (uint64_t p = address; p < address + length; p += SGX_PAGE_SIZE) {
        if (epcm_get(e, p) & EPCM_VALID)
            return -EFAULT;
        unsigned more = p + SGX_PAGE_SIZE < address + length ? EPCM_MORE : 0;
        epcm_set(e, p, EPCM_VALID | SGX_PT_REG << EPCM_TYPE_SHIFT | SGX_SECINFO_R | SGX_SECINFO_W | SGX_SECINFO_PENDING |
                           more | (epcm_get(e, p) & EPCM_OS));
    }
    return 0;
}

// EMODPR and EMODT want a page at rest.
static bool modifiable(unsigned entry)
{
    return (entry & EPCM_VALID) && !(entry & (SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED));
}

int emu_emodpr(struct emu_enclave *e, uint64_t address, uint64_t length, uint64_t secinfo_flags)
{
    if (!range_is_legal(e, address, length) || (secinfo_flags & SGX_SECINFO_RWX) == SGX_SECINFO_W)
        return -EINVAL;
    for (uint64_t p = address; p < address + length; p += SGX_PAGE_SIZE) {
        unsigned entry = epcm_get(e, p);
        if (!modifiable(entry) || epcm_type(entry) != SGX_PT_REG)
            return SGX_PAGE_NOT_MODIFIABLE;
        unsigned kept = entry & ~(unsigned)(SGX_SECINFO_RWX | EPCM_OPEN);
        epcm_set(e, p, kept | (entry & SGX_SECINFO_RWX & (unsigned)secinfo_flags) | SGX_SECINFO_PR);
    }
    return epcm_apply(e, address, length);
}

// The page becomes the processor's. Its content is read before software loses it.
static int become_tcs(struct emu_enclave *e, uint64_t page)
{
    long r = emu_raw(SYS_mprotect, page, SGX_PAGE_SIZE, PROT_READ, 0);
    if (r)
        return (int)r;
    return emu_tcs_add(e, page, (const void *)page);
}

// Pages that are trimmed never show their content again: it goes at once, and not after one more change of page tables.
static int forget(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    const uint64_t flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    epcm_lock(e);
    long fresh = emu_raw6(SYS_mmap, address, length, PROT_NONE, flags, (uint64_t)-1, 0);
    epcm_unlock(e);
    return fresh < 0 ? (int)fresh : 0;
}

int emu_emodt(struct emu_enclave *e, uint64_t address, uint64_t length, enum sgx_page_type type)
{
    if (!range_is_legal(e, address, length) || (type != SGX_PT_TCS && type != SGX_PT_TRIM))
        return -EINVAL;
    int r = 0;
    for (uint64_t p = address; !r && p < address + length; p += SGX_PAGE_SIZE) {
        unsigned entry = epcm_get(e, p), old = epcm_type(entry);
        if (!modifiable(entry) || (old != SGX_PT_REG && (old != SGX_PT_TCS || type != SGX_PT_TRIM)))
            return SGX_PAGE_NOT_MODIFIABLE;
        if (old == SGX_PT_TCS)
            emu_tcs_remove(e, p);
        if (type == SGX_PT_TCS)
            r = become_tcs(e, p);
        epcm_set(e, p, EPCM_VALID | (unsigned)type << EPCM_TYPE_SHIFT | SGX_SECINFO_MODIFIED | (entry & EPCM_OS));
    }
    if (r)
        return r;
    return type == SGX_PT_TRIM ? forget(e, address, length) : epcm_apply(e, address, length);
}

int emu_eremove(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    if (!range_is_legal(e, address, length))
        return -EINVAL;
    for (uint64_t p = address; p < address + length; p += SGX_PAGE_SIZE) {
        unsigned entry = epcm_get(e, p);
        if (!(entry & EPCM_VALID) || epcm_type(entry) != SGX_PT_TRIM || (entry & SGX_SECINFO_MODIFIED))
            return -EPERM; // as the Linux driver: only what the enclave has given up
    }
    for (uint64_t p = address; p < address + length; p += SGX_PAGE_SIZE)
        epcm_set(e, p, 0);
    return 0;
}

static unsigned os_bits(int prot)
{
    unsigned rwx = (prot & PROT_READ ? SGX_SECINFO_R : 0u) | (prot & PROT_WRITE ? SGX_SECINFO_W : 0u) |
                   (prot & PROT_EXEC ? SGX_SECINFO_X : 0u);
    return rwx << EPCM_OS_SHIFT;
}

int emu_map(struct emu_enclave *e, uint64_t address, uint64_t length, int prot)
{
    if (!length || address % SGX_PAGE_SIZE || length % SGX_PAGE_SIZE || !emu_in_range(e, address, length) ||
        address < e->reserved)
        return -EINVAL;
    bool valid = false, less = length > EMU_LAZY_SIZE;
    for (uint64_t p = address; p < address + length; p += SGX_PAGE_SIZE) {
        unsigned entry = epcm_get(e, p), now = (entry & ~(unsigned)EPCM_OS) | os_bits(prot);
        less |= epcm_access(entry) & ~epcm_access(now);
        valid |= (entry & EPCM_VALID) && !(entry & SGX_SECINFO_PENDING);
        epcm_set(e, p, epcm_access(entry) == epcm_access(now) ? now : now & ~(unsigned)EPCM_OPEN);
    }
    // Nothing that could be accessed yet, or no more than what the next access brings, if there is one.
    return valid && less ? epcm_apply(e, address, length) : 0;
}

int emu_populate(struct emu_enclave *e, uint64_t address, uint64_t length)
{
    if (!length || address % SGX_PAGE_SIZE || length % SGX_PAGE_SIZE || !emu_in_range(e, address, length) || address < e->reserved)
        return -EINVAL;
    return epcm_apply_there(e, address, length);
}
