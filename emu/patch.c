// SPDX-License-Identifier: MIT
//
// Calls in the place of instructions that would have to trap: 7.5 us for an ENCLU that raises #UD on a virtual machine, 10 ns for a call.
// The calls go to a page right behind the enclave, the only place that a 5-byte call from its end reaches.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "emu/epcm.h"

enum { SITE_SIZE = 5, SLOT_SIZE = 16 };

static struct emu_enclave *patched; // one enclave of a process

static const uint8_t originals[][SITE_SIZE] = {
    [EMU_SITE_ENCLU] = {0x0f, 0x01, 0xd7, 0x66, 0x90},
    [EMU_SITE_WRFSBASE] = {0xf3, 0x48, 0x0f, 0xae, 0xd7},
};

static int make_page(struct emu_enclave *e)
{
    uint8_t *page = (uint8_t *)(e->secs.base + e->secs.size);
    const char *const targets[] = {[EMU_SITE_ENCLU] = emu_enclu_trampoline, [EMU_SITE_WRFSBASE] = emu_wrfsbase_trampoline};
    if (patched)
        return patched == e ? 0 : -EBUSY;
    if (mmap(page, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != page)
        return -EEXIST;
    for (unsigned kind = EMU_SITE_ENCLU; kind <= EMU_SITE_WRFSBASE; kind++) { // jmp *8(%rip); address
        static const uint8_t jump[] = {0xff, 0x25, 0x02, 0, 0, 0};
        uint64_t target = (uint64_t)targets[kind];
        memcpy(page + kind * SLOT_SIZE, jump, sizeof(jump));
        memcpy(page + kind * SLOT_SIZE + 8, &target, sizeof(target));
    }
    if (mprotect(page, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC))
        return -errno;
    patched = e;
    return 0;
}

static bool site_is_legal(const struct emu_enclave *e, const struct emu_site *s)
{
    if ((s->kind != EMU_SITE_ENCLU && s->kind != EMU_SITE_WRFSBASE) || !emu_in_range(e, s->address, SITE_SIZE))
        return false;
    for (unsigned i = 0; i < SITE_SIZE; i += SITE_SIZE - 1) {
        unsigned entry = epcm_get(e, (s->address + i) & ~(uint64_t)(SGX_PAGE_SIZE - 1));
        if (!(entry & EPCM_VALID) || !(entry & SGX_SECINFO_X))
            return false;
    }
    return !memcmp((const void *)s->address, originals[s->kind], SITE_SIZE);
}

static void patch(const struct emu_enclave *e, const struct emu_site *s)
{
    uint8_t *site = (uint8_t *)s->address;
    int32_t distance = (int32_t)(e->secs.base + e->secs.size + s->kind * SLOT_SIZE - (s->address + SITE_SIZE));
    site[0] = 0xe8;
    memcpy(site + 1, &distance, sizeof(distance));
}

int emu_patch(struct emu_enclave *e, const struct emu_site *sites, size_t count)
{
    uint64_t start = UINT64_MAX, end = 0;
    for (size_t i = 0; i < count; i++) {
        if (!e->initialised || !site_is_legal(e, &sites[i]))
            return -EINVAL;
        uint64_t first = sites[i].address & ~(uint64_t)(SGX_PAGE_SIZE - 1);
        uint64_t last = (sites[i].address + SITE_SIZE - 1) & ~(uint64_t)(SGX_PAGE_SIZE - 1);
        start = first < start ? first : start;
        end = last + SGX_PAGE_SIZE > end ? last + SGX_PAGE_SIZE : end;
    }
    if (!end)
        return 0;
    int r = make_page(e);
    if (!r && mprotect((void *)start, end - start, PROT_READ | PROT_WRITE)) // nobody is inside yet
        r = -errno;
    if (r)
        return r;
    for (size_t i = 0; i < count; i++)
        patch(e, &sites[i]);
    return epcm_apply(e, start, end - start);
}

void emu_enclu_patched(struct emu_registers *r);
void emu_wrfsbase_patched(uint64_t base);

// Asking Linux for the GS base costs more than most leaves. What an enclave with patched sites has at GS:0 leads to the thread at
// once; a wrong word there that is another thread's is a defect of the enclave's own trusted code.
static struct emu_tcs *tcs_here(void)
{
    uint64_t block;
    if (emu_bases_by_instruction())
        return emu_tcs_find_gs(patched, emu_gs_base());
    __asm__ volatile("mov %%gs:0, %0" : "=r"(block));
    struct emu_tcs *tcs = emu_tcs_find_gs(patched, block);
    return tcs ? tcs : emu_tcs_find_gs(patched, emu_gs_base()); // the first instructions of a thread
}

// Called by emu_enclu_trampoline on the enclave's stack. A leaf that faults here is a defect of the enclave's own trusted code.
void emu_enclu_patched(struct emu_registers *r)
{
    struct emu_tcs *tcs = tcs_here();
    struct emu_fault fault;
    if (!tcs || !tcs->thread)
        emu_die("ENCLU by a thread that is not in the enclave");
    if (emu_enclu(tcs->thread, r, &fault))
        emu_die(fault.vector == 14 ? "ENCLU of the enclave's trusted code raises #PF" : "ENCLU of the enclave's trusted code raises #GP");
}

// Called by emu_wrfsbase_trampoline, likewise.
void emu_wrfsbase_patched(uint64_t base)
{
    struct emu_tcs *tcs = tcs_here();
    if (!tcs || !tcs->thread)
        emu_die("WRFSBASE by a thread that is not in the enclave");
    emu_set_fs_base(tcs->thread, base);
}
