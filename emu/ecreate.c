// SPDX-License-Identifier: MIT
//
// ECREATE, and the end of an enclave.
#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emu/state.h"
#include "sgx/measurement.h"

enum { LOWEST_ADDRESS = 0x10000 }; // Linux's mmap_min_addr; pages below are never valid

// XFRM must be a value that XCR0 may have: here, what it has.
static bool xfrm_is_legal(uint64_t xfrm)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    uint64_t enabled = (uint64_t)high << 32 | low;
    return (xfrm & SGX_XFRM_LEGACY) == SGX_XFRM_LEGACY && !(xfrm & ~enabled);
}

static size_t xsave_size(uint64_t xfrm)
{
    size_t size = 576;
    for (unsigned i = 2; i < 63; i++) {
        uint32_t a, b, c, d;
        if (!(xfrm >> i & 1))
            continue;
        __cpuid_count(0xd, i, a, b, c, d);
        if (a + b > size)
            size = a + b;
    }
    return size;
}

static bool zero(const uint8_t *p, size_t n)
{
    uint8_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= p[i];
    return !all;
}

static bool secs_is_legal(const struct sgx_secs *s)
{
    const uint64_t known = SGX_ATTRIBUTE_DEBUG | SGX_ATTRIBUTE_MODE64BIT | SGX_ATTRIBUTE_PROVISIONKEY |
                           SGX_ATTRIBUTE_EINITTOKEN_KEY | SGX_ATTRIBUTE_KSS;
    size_t frame = (size_t)s->ssa_frame_size * SGX_PAGE_SIZE;
    return s->size >= 2 * SGX_PAGE_SIZE && !(s->size & (s->size - 1)) && !(s->base & (s->size - 1)) &&
           s->base + s->size <= 1ul << 47 && s->ssa_frame_size && !(s->miscselect & ~(uint32_t)SGX_MISCSELECT_EXINFO) &&
           !(s->attributes.flags & ~known) && (s->attributes.flags & SGX_ATTRIBUTE_MODE64BIT) &&
           xfrm_is_legal(s->attributes.xfrm) &&
           frame >= xsave_size(s->attributes.xfrm) + sizeof(struct sgx_gprsgx) + sizeof(struct sgx_exinfo) &&
           ((s->attributes.flags & SGX_ATTRIBUTE_KSS) || (zero(s->configid, sizeof(s->configid)) && !s->configsvn)) &&
           zero(s->reserved1, sizeof(s->reserved1)) && zero(s->reserved2, sizeof(s->reserved2)) &&
           zero(s->reserved3, sizeof(s->reserved3)) && zero(s->reserved4, sizeof(s->reserved4)) &&
           !s->cet_attributes && !s->cet_leg_bitmap_offset;
}

static void *anonymous(void *at, size_t size, int prot, int flags)
{
    void *p = mmap(at, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static size_t epcm_size(const struct emu_enclave *e)
{
    return e->secs.size / SGX_PAGE_SIZE * sizeof(*e->epcm);
}

static int allocate(struct emu_enclave *e)
{
    e->reserved = e->secs.base > LOWEST_ADDRESS ? e->secs.base : LOWEST_ADDRESS;
    uint64_t length = e->secs.base + e->secs.size - e->reserved;
    if (anonymous((void *)e->reserved, length, PROT_NONE, MAP_FIXED_NOREPLACE) != (void *)e->reserved) {
        e->reserved = 0;
        return -EEXIST;
    }
    e->epcm = anonymous(NULL, epcm_size(e), PROT_READ | PROT_WRITE, 0);
    e->tcs = calloc(EMU_TCS_SLOTS, sizeof(*e->tcs));
    e->tcs_of_gs = calloc(EMU_TCS_SLOTS, sizeof(*e->tcs_of_gs));
    e->measurement = sgx_measurement_ecreate(e->secs.size, e->secs.ssa_frame_size);
    return e->epcm && e->tcs && e->tcs_of_gs && e->measurement ? 0 : -ENOMEM;
}

int emu_ecreate(const struct sgx_secs *secs, emu_secrets_source *secrets, void *context, struct emu_enclave **ret)
{
    if (!secs_is_legal(secs))
        return -EINVAL;
    struct emu_enclave *e = calloc(1, sizeof(*e));
    if (!e)
        return -ENOMEM;
    e->secs = *secs;
    e->secs.attributes.flags |= SGX_ATTRIBUTE_DEBUG; // it keeps no secrets, and says so in every report
    place_open(&e->place);
    e->secrets = secrets;
    e->secrets_context = context;
    e->xsave_size = xsave_size(secs->attributes.xfrm);
    emu_segment_setup();
    int r = allocate(e);
    if (r) {
        emu_destroy(e);
        return r;
    }
    *ret = e;
    return 0;
}

void emu_destroy(struct emu_enclave *e)
{
    if (!e)
        return;
    if (e->reserved)
        munmap((void *)e->reserved, e->secs.base + e->secs.size - e->reserved);
    if (e->epcm)
        munmap((void *)e->epcm, epcm_size(e));
    if (e->tcs)
        emu_tcs_free_all(e);
    free((void *)e->tcs);
    free((void *)e->tcs_of_gs);
    sgx_measurement_free(e->measurement);
    place_close(&e->place);
    free(e);
}

const struct sgx_secs *emu_secs(const struct emu_enclave *e)
{
    return &e->secs;
}
