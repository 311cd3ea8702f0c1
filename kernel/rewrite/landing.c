// SPDX-License-Identifier: MIT
//
// Who reaches the displaced bytes of a rewritten site, and who looks at a stub.
#include "kernel/entry/regs.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/stubs.h"
#include "kernel/mm/user.h"
#include "kernel/rewrite/decode.h"
#include "kernel/rewrite/relocate.h"
#include "kernel/rewrite/rewrite.h"
#include "kernel/rewrite/sites.h"

// The bytes that stood behind the site are still known; what follows them is still there. Makes a copy of the instruction that starts
// at displaced byte i.
static bool copy_from_byte(struct mm *mm, struct site *s, unsigned i)
{
    uint8_t code[SITE_DISPLACED + INSTRUCTION_MAX], moved[STUB_SIZE], starts[SITE_DISPLACED];
    size_t known = SITE_DISPLACED - i, size = known;
    uint64_t from = s->address + SITE_SYSCALL + i;
    memcpy(code, s->original + SITE_SYSCALL + i, known);
    if (!copy_from_user(code + known, (const void USER *)(from + known), INSTRUCTION_MAX))
        size += INSTRUCTION_MAX;
    uint64_t stub = mm_stub_alloc(mm, s->address);
    size_t used = stub ? relocate(code, size, from, known, stub, moved, sizeof(moved), starts) : 0;
    if (!used || mm_text_write(mm, stub, moved, used)) {
        if (stub)
            mm_stub_free(mm, stub);
        return false;
    }
    s->landing[i] = stub;
    return true;
}

// The site whose displaced bytes hold this address, if it still stands there.
static const struct site *find_displaced(struct sites *sites, uint64_t rip)
{
    uint8_t now[SITE_JUMP];
    const struct site *s = sites ? sites_find(sites, rip, false) : NULL;
    return s && !copy_from_user(now, (const void USER *)s->address, SITE_JUMP) && !memcmp(now, s->jump, SITE_JUMP) ? s : NULL;
}

// A jump is never undefined: what trapped here was a system call that another thread has rewritten since.
static bool was_rewritten(uint64_t rip)
{
    uint8_t code;
    return !copy_from_user(&code, (const void USER *)rip, sizeof(code)) && (code == 0xe9 || code == 0xeb);
}

bool rewrite_landed(struct regs *regs)
{
    if (was_rewritten(regs->rip))
        return true;
    struct mm *mm = mm_current();
    struct sites *sites = mm ? mm_sites(mm) : NULL;
    const struct site *found = find_displaced(sites, regs->rip);
    if (!found)
        return false;
    struct site s = *found;
    unsigned i = (unsigned)(regs->rip - s.address - SITE_SYSCALL);
    if (!s.landing[i]) {
        if (!copy_from_byte(mm, &s, i)) // then the site was no good: it stays in the list and is not tried again
            return !mm_text_write(mm, s.address, s.original, SITE_JUMP);
        sites_update(sites, &s);
    }
    if (sites_landed(sites, &s))
        rewrite_by_hole(mm, &s);
    regs->rip = s.landing[i];
    return true;
}

uint64_t rewrite_original(uint64_t rip)
{
    struct mm *mm = mm_current();
    struct sites *sites = mm ? mm_sites(mm) : NULL;
    const struct site *s = sites ? sites_find(sites, rip, true) : NULL;
    if (!s)
        return rip;
    for (unsigned i = 0; i < SITE_DISPLACED; i++)
        if (s->landing[i] == rip)
            return s->address + SITE_SYSCALL + i;
    return rip < s->landing[0] ? s->address : rip;
}

uint64_t rewrite_moved(uint64_t rip)
{
    struct mm *mm = mm_current();
    const struct site *s = mm ? find_displaced(mm_sites(mm), rip) : NULL;
    if (!s)
        return rip;
    uint64_t landing = s->landing[rip - s->address - SITE_SYSCALL];
    return landing ? landing : rip;
}
