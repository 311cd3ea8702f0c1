// SPDX-License-Identifier: MIT
//
// ENCLU inside an enclave: which leaf, and what its result does to the registers.
#include <errno.h>

#include "emu/epcm.h"
#include "sgx/result.h"

enum { FLAG_ZF = 0x40, CLEARED_FLAGS = 0x8d5, VECTOR_GP = 13, VECTOR_PF = 14, ERROR_SGX = 1 << 15 | 5 };

// EEXIT: back to the host's world, at the address in RBX.
static void eexit(struct emu_thread *t, struct emu_registers *r)
{
    struct emu_tcs *tcs = t->tcs;
    r->rip = r->rbx;
    r->rcx = tcs->page.aep;
    t->inside = 0;
    tcs->thread = NULL;
    atomic_store(&tcs->active, 0);
}

int emu_operand(struct emu_thread *t, uint64_t address, uint64_t size, uint64_t alignment, bool write, uint64_t *ret_fault)
{
    const struct emu_enclave *e = t->enclave;
    unsigned wanted = write ? SGX_SECINFO_R | SGX_SECINFO_W : SGX_SECINFO_R;
    if (address % alignment || !emu_in_range(e, address, size))
        return -EINVAL;
    // No operand crosses a page: alignment is at least its size, rounded up to a power of two.
    uint64_t page = address & ~(uint64_t)(SGX_PAGE_SIZE - 1);
    if (page >= t->run.start && page < t->run.next)
        emu_settle(t);
    if ((epcm_access(epcm_get(e, page)) & wanted) == wanted)
        return 0;
    *ret_fault = address;
    return -EFAULT;
}

// Leaves that answer with a code in RAX and ZF.
static void answer(struct emu_registers *r, int code)
{
    r->rax = (uint64_t)code;
    r->rflags = (r->rflags & ~(uint64_t)CLEARED_FLAGS) | (code ? FLAG_ZF : 0);
}

struct hosted {
    struct emu_thread *thread;
    const struct emu_registers *registers;
    uint64_t *ret_fault;
};

static int ereport(void *argument)
{
    const struct hosted *h = argument;
    return emu_ereport(h->thread, h->registers->rbx, h->registers->rcx, h->registers->rdx, h->ret_fault);
}

static int egetkey(void *argument)
{
    const struct hosted *h = argument;
    return emu_egetkey(h->thread, h->registers->rbx, h->registers->rcx, h->ret_fault);
}

static int leaf(struct emu_thread *t, struct emu_registers *r, uint64_t *ret_fault)
{
    struct hosted h = {t, r, ret_fault};
    int code;
    if (r->rax != SGX_EACCEPTCOPY)
        emu_settle(t);
    switch (r->rax) {
    case SGX_EREPORT:
        return emu_call_hosted(t, ereport, &h);
    case SGX_EMODPE:
        return emu_emodpe(t, r->rbx, r->rcx, ret_fault);
    case SGX_EEXIT:
        eexit(t, r);
        return 0;
    case SGX_EGETKEY:
        code = emu_call_hosted(t, egetkey, &h);
        break;
    case SGX_EACCEPT:
        code = emu_eaccept(t, r->rbx, r->rcx, ret_fault);
        break;
    case SGX_EACCEPTCOPY:
        code = emu_eacceptcopy(t, r->rbx, r->rcx, r->rdx, ret_fault);
        break;
    default: // EENTER and ERESUME inside, and leaves that do not exist
        return -EINVAL;
    }
    if (code >= 0)
        answer(r, code);
    return code < 0 ? code : 0;
}

int emu_enclu(struct emu_thread *t, struct emu_registers *r, struct emu_fault *ret_fault)
{
    uint64_t address = 0;
    int code = leaf(t, r, &address);
    if (code >= 0)
        return 0;
    bool page_fault = code == -EFAULT;
    *ret_fault = (struct emu_fault){page_fault ? VECTOR_PF : VECTOR_GP, page_fault ? ERROR_SGX : 0, address};
    return -1;
}
