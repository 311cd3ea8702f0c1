// SPDX-License-Identifier: MIT
#include "kernel/signal/stuck.h"

#include <stddef.h>
#include <stdint.h>

#include "kernel/entry/regs.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/user.h"
#include "kernel/task/task.h"

// An instruction faults once for each page that it touches, and again when other threads were faster. More often than HELP with the
// same registers is suspicious, more often than GIVE_UP has one reason only.
enum { HELP = 8, GIVE_UP = 20000, ELEMENTS = 512, PREFIXES = 4 };
#define DIRECTION 0x400ul // of rflags

struct string_move {
    unsigned length, size;
    bool repeated;
};

static bool decode(uint64_t rip, struct string_move *ret)
{
    bool wide = false, narrow = false;
    *ret = (struct string_move){0};
    for (unsigned i = 0; i <= PREFIXES; i++) {
        uint8_t code;
        if (GET_USER(code, (const uint8_t USER *)(rip + i)))
            return false;
        ret->length = i + 1;
        if (code == 0xa4 || code == 0xa5) {
            ret->size = code == 0xa4 ? 1 : wide ? 8 : narrow ? 2 : 4;
            return true;
        }
        if (code == 0xf2 || code == 0xf3)
            ret->repeated = true;
        else if (code == 0x66)
            narrow = true;
        else if ((code & 0xf0) == 0x40)
            wide = code & 8;
        else
            return false;
    }
    return false;
}

static bool move_one(struct regs *regs, unsigned size)
{
    uint64_t element;
    if (copy_from_user(&element, (const void USER *)regs->rsi, size) || copy_to_user((void USER *)regs->rdi, &element, size))
        return false; // the program meets the same fault and hears of it
    uint64_t step = regs->rflags & DIRECTION ? -(uint64_t)size : size;
    regs->rsi += step;
    regs->rdi += step;
    return true;
}

static void move(struct regs *regs, const struct string_move *m)
{
    bool moved = true;
    for (unsigned i = 0; m->repeated && regs->rcx && i < ELEMENTS && moved; i++) {
        moved = move_one(regs, m->size);
        regs->rcx -= moved;
    }
    if (!m->repeated)
        moved = move_one(regs, m->size);
    if (moved && (!m->repeated || !regs->rcx))
        regs->rip += m->length;
}

static bool the_same(const struct regs *a, const struct regs *b)
{
    return a->rip == b->rip && a->rsp == b->rsp && !memcmp(a, b, offsetof(struct regs, orig_rax));
}

bool stuck_help(struct thread *t, struct regs *regs)
{
    struct string_move m;
    if (!the_same(&t->faulted_with, regs)) {
        t->faulted_with = *regs;
        t->faulted = 0;
        return true;
    }
    if (++t->faulted < HELP)
        return true;
    if (!decode(regs->rip, &m))
        return t->faulted < GIVE_UP;
    t->faulted = 0;
    move(regs, &m);
    return true;
}
