// SPDX-License-Identifier: MIT
//
// EACCEPT, EACCEPTCOPY, EMODPE: the enclave's half of changing pages. Nothing of libc here: the program's
// vector registers are live.
#include <errno.h>

#include "emu/epcm.h"
#include "sgx/result.h"

static int read_secinfo(struct emu_thread *t, uint64_t address, uint64_t *ret_flags, uint64_t *ret_fault)
{
    int r = emu_operand(t, address, sizeof(struct sgx_secinfo), 64, false, ret_fault);
    if (r)
        return r;
    const volatile struct sgx_secinfo *s = (const struct sgx_secinfo *)address;
    uint64_t reserved = 0;
    for (unsigned i = 0; i < sizeof(s->reserved) / sizeof(s->reserved[0]); i++)
        reserved |= s->reserved[i];
    *ret_flags = s->flags;
    return reserved || (*ret_flags & ~(uint64_t)(EPCM_FLAGS | SGX_SECINFO_TYPE)) ? -EINVAL : 0;
}

static bool page_is_legal(const struct emu_enclave *e, uint64_t page)
{
    return page % SGX_PAGE_SIZE == 0 && emu_in_range(e, page, SGX_PAGE_SIZE);
}

static bool acceptable(uint64_t flags)
{
    uint64_t state = flags & (SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED | SGX_SECINFO_PR);
    switch ((flags & SGX_SECINFO_TYPE) >> 8) {
    case SGX_PT_REG:
        return state && !(state & SGX_SECINFO_MODIFIED);
    case SGX_PT_TCS:
    case SGX_PT_TRIM:
        return state == SGX_SECINFO_MODIFIED;
    default:
        return false;
    }
}

// A TCS made at run time is checked when the enclave accepts it.
static bool tcs_is_legal(const struct emu_enclave *e, const struct emu_tcs *tcs)
{
    const struct sgx_tcs *t = &tcs->page;
    const uint64_t page = SGX_PAGE_SIZE - 1;
    return !t->state && !t->flags && t->cssa < t->nssa && !t->aep && !((t->ossa | t->ofsbase | t->ogsbase) & page) &&
           t->ossa < e->secs.size && t->ofsbase < e->secs.size && t->ogsbase < e->secs.size && t->oentry < e->secs.size;
}

// What was accepted of the last run, if it was not accepted to its end, and a run of what EAUG added from this page on.
static void begin_run(struct emu_thread *t, uint64_t page)
{
    struct emu_run *run = &t->run;
    emu_settle(t);
    if (run->start < run->next && run->next < run->end)
        (void)epcm_apply(t->enclave, run->start, run->next - run->start);
    uint64_t last = page;
    while (epcm_get(t->enclave, last) & EPCM_MORE)
        last += SGX_PAGE_SIZE;
    *run = (struct emu_run){.start = page, .next = page, .end = last + SGX_PAGE_SIZE};
}

// Page tables follow at the end of a run that is accepted in order.
static void follow(struct emu_thread *t, uint64_t page)
{
    struct emu_run *run = &t->run;
    run->next += SGX_PAGE_SIZE;
    if (run->next == run->end)
        (void)epcm_apply(t->enclave, run->start, run->end - run->start); // what fails here is tried again at the first access
}

int emu_eaccept(struct emu_thread *t, uint64_t secinfo, uint64_t page, uint64_t *ret_fault)
{
    struct emu_enclave *e = t->enclave;
    uint64_t flags = 0;
    int r = read_secinfo(t, secinfo, &flags, ret_fault);
    if (r)
        return r;
    if (!page_is_legal(e, page) || !acceptable(flags))
        return -EINVAL;
    unsigned entry = epcm_get(e, page);
    if (!(entry & EPCM_VALID)) {
        *ret_fault = page;
        return -EFAULT;
    }
    if (epcm_type(entry) != (flags & SGX_SECINFO_TYPE) >> 8 || (entry & SGX_SECINFO_RWX) != (flags & SGX_SECINFO_RWX) ||
        (entry & (SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED)) != (flags & (SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED)))
        return SGX_PAGE_ATTRIBUTES_MISMATCH;
    if (epcm_type(entry) == SGX_PT_TCS && !tcs_is_legal(e, emu_tcs_find(e, page)))
        return -EINVAL;
    if ((entry & SGX_SECINFO_PENDING) && (page != t->run.next || page == t->run.end || t->run.copied))
        begin_run(t, page);
    epcm_set(e, page, entry & ~(unsigned)(SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED | SGX_SECINFO_PR | EPCM_MORE));
    if (entry & SGX_SECINFO_PENDING)
        follow(t, page);
    return 0;
}

static void copy_page(uint8_t *to, uint64_t from)
{
    uint64_t bytes = SGX_PAGE_SIZE;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

// Accepts pages with content that nobody could see before: other threads find a page with its content or none.
static void put(struct emu_enclave *e, uint64_t start, const void *content, uint64_t length, unsigned permissions)
{
    if (place_content(&e->place, start, content, length))
        emu_die("no memory for the enclave's pages");
    for (uint64_t p = start; p < start + length; p += SGX_PAGE_SIZE)
        epcm_set(e, p, (epcm_get(e, p) & ~(unsigned)(EPCM_FLAGS | EPCM_MORE)) | permissions);
    (void)epcm_apply(e, start, length); // what fails here is tried again at the first access
}

void emu_settle(struct emu_thread *t)
{
    struct emu_run *run = &t->run;
    if (!run->copied)
        return;
    put(t->enclave, run->start, t->gathered, run->next - run->start, run->permissions);
    run->start = run->next;
    run->copied = false;
}

// A run in order is put into place with its last page, with the last that fits aside, or before this thread can
// tell the difference.
static void gather(struct emu_thread *t, uint64_t page, uint64_t source, unsigned permissions)
{
    struct emu_run *run = &t->run;
    if (permissions != run->permissions)
        emu_settle(t);
    if (page != run->next || page == run->end || (run->start != run->next && !run->copied))
        begin_run(t, page);
    run->permissions = permissions;
    run->copied = true;
    copy_page(t->gathered + (page - run->start), source);
    run->next += SGX_PAGE_SIZE;
    if (run->next == run->end || run->next - run->start == EMU_GATHERED_SIZE)
        emu_settle(t);
}

int emu_eacceptcopy(struct emu_thread *t, uint64_t secinfo, uint64_t destination, uint64_t source, uint64_t *ret_fault)
{
    struct emu_enclave *e = t->enclave;
    uint64_t flags = 0;
    int r = read_secinfo(t, secinfo, &flags, ret_fault);
    if (!r)
        r = page_is_legal(e, destination) && (flags & ~(uint64_t)SGX_SECINFO_RWX) == SGX_SECINFO_PT(SGX_PT_REG) ? 0 : -EINVAL;
    if (!r)
        r = emu_operand(t, source, SGX_PAGE_SIZE, SGX_PAGE_SIZE, false, ret_fault);
    if (r)
        return r;
    unsigned entry = epcm_get(e, destination);
    const unsigned wanted = EPCM_VALID | SGX_PT_REG << EPCM_TYPE_SHIFT | SGX_SECINFO_R | SGX_SECINFO_W | SGX_SECINFO_PENDING;
    if ((entry & (EPCM_VALID | EPCM_TYPE | EPCM_FLAGS)) != wanted)
        return SGX_PAGE_ATTRIBUTES_MISMATCH;
    gather(t, destination, source, (unsigned)(flags & SGX_SECINFO_RWX));
    return 0;
}

int emu_emodpe(struct emu_thread *t, uint64_t secinfo, uint64_t page, uint64_t *ret_fault)
{
    struct emu_enclave *e = t->enclave;
    uint64_t flags = 0;
    int r = read_secinfo(t, secinfo, &flags, ret_fault);
    if (r)
        return r;
    if (!page_is_legal(e, page))
        return -EINVAL;
    unsigned entry = epcm_get(e, page), after = entry | (unsigned)(flags & SGX_SECINFO_RWX);
    if ((after & (SGX_SECINFO_R | SGX_SECINFO_W)) == SGX_SECINFO_W)
        return -EINVAL;
    if (!(entry & EPCM_VALID) || epcm_type(entry) != SGX_PT_REG || (entry & (SGX_SECINFO_PENDING | SGX_SECINFO_MODIFIED))) {
        *ret_fault = page;
        return -EFAULT;
    }
    epcm_set(e, page, after & ~(unsigned)EPCM_OPEN);
    return 0;
}
