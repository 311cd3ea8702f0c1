// SPDX-License-Identifier: MIT
//
// ERESUME's effect: everything at once, by a signal frame made from the SSA and rt_sigreturn(2). That also lets an interrupt in again
// which has waited since the AEX.
#include <string.h>
#include <sys/syscall.h>

#include "emu/state.h"

enum {
    LEGACY_SIZE = 512,
    HEADER_SIZE = 64,
    SOFTWARE_OFFSET = 464, // bytes of the legacy area that Linux uses: asm/sigcontext.h
    MAGIC1 = 0x46505853,
    MAGIC2 = 0x46505845,
    SELECTOR_CODE = 0x33,
    SELECTOR_STACK = 0x2b,
    FLAG_XSTATE = 1, // asm/ucontext.h
    FLAG_SIGCONTEXT_SS = 2,
    FLAG_STRICT_SS = 4,
};
#define RESTORED_FLAGS 0x254dd5u // CF PF AF ZF SF DF OF NT RF AC ID; the rest from outside
#define OUTSIDE_FLAGS 0x202u

_Noreturn void emu_sigreturn(const void *frame);

struct software_bytes {
    uint32_t magic1, extended_size;
    uint64_t features;
    uint32_t state_size;
    uint32_t padding[7];
};

static void load_state(uint8_t *area, const struct emu_enclave *e, uint64_t ssa)
{
    memcpy(area, (const void *)ssa, e->xsave_size);
    const struct software_bytes s = {
        .magic1 = MAGIC1,
        .extended_size = (uint32_t)e->xsave_size + 4,
        .features = e->secs.attributes.xfrm,
        .state_size = (uint32_t)e->xsave_size,
    };
    memcpy(area + SOFTWARE_OFFSET, &s, sizeof(s));
    const uint32_t magic2 = MAGIC2;
    memcpy(area + e->xsave_size, &magic2, sizeof(magic2));
    uint64_t present;
    memcpy(&present, area + LEGACY_SIZE, sizeof(present));
    present &= e->secs.attributes.xfrm;
    memcpy(area + LEGACY_SIZE, &present, sizeof(present));
    memset(area + LEGACY_SIZE + 8, 0, HEADER_SIZE - 8);
    uint32_t mxcsr;
    memcpy(&mxcsr, area + 24, sizeof(mxcsr));
    mxcsr &= 0xffff;
    memcpy(area + 24, &mxcsr, sizeof(mxcsr));
}

static void load_registers(greg_t *g, const struct sgx_gprsgx *s)
{
    const uint64_t values[] = {s->r8,  s->r9,  s->r10, s->r11, s->r12, s->r13, s->r14, s->r15,
                               s->rdi, s->rsi, s->rbp, s->rbx, s->rdx, s->rax, s->rcx, s->rsp, s->rip};
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) // the order of ucontext's enum
        g[i] = (greg_t)values[i];
    g[REG_EFL] = (greg_t)((s->rflags & RESTORED_FLAGS) | OUTSIDE_FLAGS);
    g[REG_CSGSFS] = (greg_t)((uint64_t)SELECTOR_CODE | (uint64_t)SELECTOR_STACK << 48);
}

void emu_eresume(struct emu_thread *t)
{
    struct emu_tcs *tcs = t->tcs;
    const struct emu_enclave *e = t->enclave;
    uint64_t ssa = emu_ssa(e, tcs, tcs->page.cssa - 1);
    const struct sgx_gprsgx *gpr = emu_gprsgx(e, ssa);
    // The ucontext, as if a handler had just popped its return address; then the state components, aligned as XRSTOR wants them.
    ucontext_t *uc = (ucontext_t *)t->resume_frame;
    uint8_t *state = t->resume_frame + ((sizeof(*uc) + 63) & ~63ul);
    memset(uc, 0, sizeof(*uc));
    load_registers(uc->uc_mcontext.gregs, gpr);
    load_state(state, e, ssa);
    uc->uc_mcontext.fpregs = (fpregset_t)state;
    uc->uc_flags = FLAG_XSTATE | FLAG_SIGCONTEXT_SS | FLAG_STRICT_SS;
    uc->uc_stack.ss_flags = 0;
    uc->uc_stack.ss_sp = (uint8_t *)t + EMU_SIGNAL_STACK_OFFSET;
    uc->uc_stack.ss_size = EMU_SIGNAL_STACK_SIZE;
    uc->uc_sigmask = t->resume_mask;
    tcs->page.cssa--;
    emu_set_gs_base(t, gpr->gsbase);
    emu_set_fs_base(t, gpr->fsbase);
    t->inside = 1;
    emu_sigreturn(uc);
}
