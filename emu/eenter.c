// SPDX-License-Identifier: MIT
//
// EENTER and ERESUME (SDM vol. 3D, chapter 40), as far as they check; the crossings are in enter.S and resume.c.
#include <errno.h>
#include <stddef.h>

#include "emu/epcm.h"

_Static_assert(offsetof(struct emu_thread, exit.rdi) == 0 && offsetof(struct emu_thread, exit.rsi) == 8, "enter.S");

static bool frame_is_usable(const struct emu_enclave *e, uint64_t frame)
{
    uint64_t size = (uint64_t)e->secs.ssa_frame_size * SGX_PAGE_SIZE;
    if (!emu_in_range(e, frame, size))
        return false;
    for (uint64_t p = frame; p < frame + size; p += SGX_PAGE_SIZE)
        if ((epcm_access(epcm_get(e, p)) & (SGX_SECINFO_R | SGX_SECINFO_W)) != (SGX_SECINFO_R | SGX_SECINFO_W))
            return false;
    return true;
}

static int check(const struct emu_enclave *e, const struct emu_tcs *tcs, enum sgx_leaf leaf)
{
    uint32_t cssa = tcs->page.cssa;
    if (leaf == SGX_EENTER ? cssa >= tcs->page.nssa : !cssa)
        return -EINVAL;
    return frame_is_usable(e, emu_ssa(e, tcs, leaf == SGX_EENTER ? cssa : cssa - 1)) ? 0 : -EFAULT;
}

void emu_entry_without_fs(struct emu_enclave *e, uint64_t address)
{
    e->entry_without_fs = address;
}

// EENTER's effect on FS and GS. From here until emu_enter has loaded the host's FS nothing may use thread-local storage.
static int cross(struct emu_thread *t, struct emu_tcs *tcs, uint64_t rdi, uint64_t rsi)
{
    const struct emu_enclave *e = t->enclave;
    struct sgx_gprsgx *ssa = emu_gprsgx(e, emu_ssa(e, tcs, tcs->page.cssa));
    const uint64_t registers[6] = {e->secs.base + tcs->page.oentry, tcs->page.cssa, tcs->address, rdi, rsi, (uint64_t)&t->inside};
    emu_set_gs_base(t, e->secs.base + tcs->page.ogsbase);
    uint64_t fs = e->secs.base + tcs->page.ofsbase;
    if (registers[0] == e->entry_without_fs)
        emu_set_fs_base_unseen(t, fs);
    else
        emu_set_fs_base(t, fs);
    return emu_switch(t, ssa, registers);
}

// One stay in the enclave, from leaf to exit.
static int stay(struct emu_thread *t, uint64_t address, enum sgx_leaf leaf, uint64_t rdi, uint64_t rsi)
{
    struct emu_enclave *e = t->enclave;
    struct emu_tcs *tcs = emu_tcs_find(e, address);
    if (!tcs || (epcm_get(e, address) & SGX_SECINFO_MODIFIED))
        return -EFAULT;
    uint32_t inactive = 0;
    if (!atomic_compare_exchange_strong(&tcs->active, &inactive, 1))
        return -EBUSY;
    int r = check(e, tcs, leaf);
    if (r) {
        atomic_store(&tcs->active, 0);
        return r;
    }
    tcs->page.aep = (uint64_t)emu_aep;
    tcs->thread = t;
    t->tcs = tcs;
    t->exit.exception = leaf == SGX_EENTER ? cross(t, tcs, rdi, rsi) : emu_switch_resume(t);
    return 0;
}

void emu_handle_exits(struct emu_enclave *e, emu_exit_handler *handler, void *context)
{
    e->exit_handler = handler;
    e->exit_context = context;
}

int emu_enter(struct emu_enclave *e, uint64_t address, enum sgx_leaf leaf, uint64_t rdi, uint64_t rsi, struct emu_exit *ret)
{
    struct emu_thread *t = emu_thread_self();
    if (!t)
        return -ENOMEM;
    if (!e->initialised || address % SGX_PAGE_SIZE || (leaf != SGX_EENTER && leaf != SGX_ERESUME))
        return -EINVAL;
    int r = emu_thread_attach(t, e);
    if (r)
        return r;
    unsigned next = leaf;
    while (!r && (next == SGX_EENTER || next == SGX_ERESUME)) {
        r = stay(t, address, next, rdi, rsi);
        next = !r && e->exit_handler ? e->exit_handler(e->exit_context, address, &t->exit, &rdi, &rsi) : SGX_EEXIT;
    }
    emu_set_fs_base(t, t->host_fs);
    if (!r)
        *ret = t->exit;
    return r;
}
