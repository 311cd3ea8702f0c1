// SPDX-License-Identifier: MIT
//
// The asynchronous exit (SDM vol. 3D, 39.3): from the registers of a signal to the SSA, and the synthetic state in their place.
#include <string.h>

#include "emu/state.h"

enum {
    LEGACY_SIZE = 512,
    SOFTWARE_OFFSET = 464, // Linux's own bytes in a signal's legacy area
    MXCSR_OFFSET = 24,
    SYNTHETIC_MXCSR = 0x1fbf,
    SYNTHETIC_FCW = 0x37f,
    SYNTHETIC_RAX = 3, // ERESUME
    CLEARED_FLAGS = 0x108d5, // CF PF AF ZF SF OF RF
    VECTOR_BP = 3,
    VECTOR_GP = 13,
    VECTOR_PF = 14,
};

static void save_registers(struct sgx_gprsgx *s, const greg_t *g)
{
    const uint64_t ursp = s->ursp, urbp = s->urbp;
    *s = (struct sgx_gprsgx){
        .rax = (uint64_t)g[REG_RAX], .rcx = (uint64_t)g[REG_RCX], .rdx = (uint64_t)g[REG_RDX], .rbx = (uint64_t)g[REG_RBX],
        .rsp = (uint64_t)g[REG_RSP], .rbp = (uint64_t)g[REG_RBP], .rsi = (uint64_t)g[REG_RSI], .rdi = (uint64_t)g[REG_RDI],
        .r8 = (uint64_t)g[REG_R8],   .r9 = (uint64_t)g[REG_R9],   .r10 = (uint64_t)g[REG_R10], .r11 = (uint64_t)g[REG_R11],
        .r12 = (uint64_t)g[REG_R12], .r13 = (uint64_t)g[REG_R13], .r14 = (uint64_t)g[REG_R14], .r15 = (uint64_t)g[REG_R15],
        .rflags = (uint64_t)g[REG_EFL], .rip = (uint64_t)g[REG_RIP], .ursp = ursp, .urbp = urbp,
    };
}

static void save_state(uint64_t ssa, const struct emu_enclave *e, const uint8_t *state)
{
    uint8_t *to = (uint8_t *)ssa;
    memcpy(to, state, e->xsave_size);
    memset(to + SOFTWARE_OFFSET, 0, LEGACY_SIZE - SOFTWARE_OFFSET);
    uint64_t header[8] = {0};
    memcpy(header, state + LEGACY_SIZE, sizeof(header[0]));
    header[0] &= e->secs.attributes.xfrm;
    memcpy(to + LEGACY_SIZE, header, sizeof(header));
}

// The host's handler and what follows it see an initial state.
static void synthetic_state(uint8_t *state)
{
    const uint64_t none = 0;
    const uint32_t mxcsr = SYNTHETIC_MXCSR;
    const uint16_t fcw = SYNTHETIC_FCW;
    memset(state, 0, SOFTWARE_OFFSET);
    memcpy(state, &fcw, sizeof(fcw));
    memcpy(state + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
    memcpy(state + LEGACY_SIZE, &none, sizeof(none));
}

static void synthetic_registers(greg_t *g, const struct emu_tcs *tcs, const struct sgx_gprsgx *s)
{
    for (unsigned i = 0; i <= REG_RIP; i++)
        g[i] = 0;
    g[REG_RAX] = SYNTHETIC_RAX;
    g[REG_RBX] = (greg_t)tcs->address;
    g[REG_RCX] = (greg_t)tcs->page.aep;
    g[REG_RSP] = (greg_t)s->ursp;
    g[REG_RBP] = (greg_t)s->urbp;
    g[REG_RIP] = (greg_t)tcs->page.aep;
    g[REG_EFL] &= ~(greg_t)CLEARED_FLAGS;
}

static bool reported(const struct emu_enclave *e, uint32_t vector)
{
    if (vector == VECTOR_GP || vector == VECTOR_PF)
        return e->secs.miscselect & SGX_MISCSELECT_EXINFO;
    return vector <= 31 && (0x000b006bu >> vector & 1); // DE DB BP BR UD MF AC XM
}

static void save_reason(const struct emu_enclave *e, struct sgx_gprsgx *s, uint32_t vector, uint32_t error, uint64_t address)
{
    if (!reported(e, vector))
        return;
    s->exitinfo = SGX_EXITINFO_VALID | (vector == VECTOR_BP ? SGX_EXITINFO_SOFTWARE : SGX_EXITINFO_HARDWARE) | vector;
    if (!(e->secs.miscselect & SGX_MISCSELECT_EXINFO) || (vector != VECTOR_GP && vector != VECTOR_PF))
        return;
    struct sgx_exinfo *info = (struct sgx_exinfo *)s - 1;
    *info = (struct sgx_exinfo){.maddr = vector == VECTOR_PF ? address : 0, .errcd = error};
}

void emu_aex(struct emu_thread *t, ucontext_t *uc, uint32_t vector, uint32_t error, uint64_t address)
{
    struct emu_tcs *tcs = t->tcs;
    const struct emu_enclave *e = t->enclave;
    greg_t *g = uc->uc_mcontext.gregs;
    uint64_t ssa = emu_ssa(e, tcs, tcs->page.cssa);
    struct sgx_gprsgx *gpr = emu_gprsgx(e, ssa);
    save_registers(gpr, g);
    gpr->fsbase = emu_fs_base(t);
    gpr->gsbase = emu_bases_by_instruction() ? emu_gs_base() : t->loaded_gs; // else the enclave cannot change it
    save_reason(e, gpr, vector, error, address);
    save_state(ssa, e, (const uint8_t *)uc->uc_mcontext.fpregs);
    tcs->page.cssa++;
    synthetic_registers(g, tcs, gpr);
    synthetic_state((uint8_t *)uc->uc_mcontext.fpregs);
    t->exit.vector = vector;
    t->exit.error = error;
    t->exit.address = vector == VECTOR_PF ? address & ~(uint64_t)(SGX_PAGE_SIZE - 1) : 0;
    t->inside = 0;
    tcs->thread = NULL;
    atomic_store(&tcs->active, 0);
}
