// SPDX-License-Identifier: MIT
#include "kernel/entry/cpuid.h"

#include "abi/entry.h"
#include "abi/target.h"
#include "kernel/entry/regs.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/rewrite/rewrite.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"

enum { VECTOR_UD = 6, VECTOR_GP = 13, CPUID_LENGTH = 2, SETS = 64, WAYS = 4 };

// Answers, by a hash of leaf and subleaf. One that finds its places taken takes over one of them: all are read under the lock.
static struct answer {
    bool there;
    uint32_t leaf, subleaf, r[4];
} known[SETS][WAYS];
static unsigned next_way[SETS];
static struct spin known_lock;

static unsigned set_of(uint32_t leaf, uint32_t subleaf)
{
    return (leaf * 0x9e3779b1u ^ subleaf * 0x85ebca6bu) >> 16 & (SETS - 1); // odd numbers without a pattern
}

static bool recall_locked(const struct answer *set, uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    for (unsigned i = 0; i < WAYS; i++)
        if (set[i].there && set[i].leaf == leaf && set[i].subleaf == subleaf) {
            memcpy(ret, set[i].r, sizeof(set[i].r));
            return true;
        }
    return false;
}

static void ask(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    const unsigned set = set_of(leaf, subleaf);
    spin_lock(&known_lock);
    bool found = recall_locked(known[set], leaf, subleaf, ret);
    spin_unlock(&known_lock);
    if (found)
        return;
    target_cpuid_any(leaf, subleaf, ret);
    spin_lock(&known_lock);
    known[set][next_way[set]++ % WAYS] = (struct answer){true, leaf, subleaf, {ret[0], ret[1], ret[2], ret[3]}};
    spin_unlock(&known_lock);
}

void cpuid_answer(struct regs *regs)
{
    uint32_t r[4];
    ask((uint32_t)regs->rax, (uint32_t)regs->rcx, r);
    regs->rax = r[0], regs->rbx = r[1], regs->rcx = r[2], regs->rdx = r[3];
}

static bool is_cpuid(const struct regs *regs)
{
    uint8_t code[CPUID_LENGTH];
    return !copy_from_user(code, (const void USER *)regs->rip, sizeof(code)) && code[0] == 0x0f && code[1] == 0xa2;
}

// In an enclave it is #UD; Linux makes it #GP.
bool cpuid_trapped(struct regs *regs, const struct trap *t)
{
    if ((t->vector != VECTOR_UD && t->vector != VECTOR_GP) || !is_cpuid(regs))
        return false;
    struct mm *mm = mm_current();
    if (mm)
        rewrite_cpuid(mm, regs->rip);
    cpuid_answer(regs);
    regs->rip = rewrite_moved(regs->rip + CPUID_LENGTH); // it may have been displaced just now
    return true;
}

static bool impossible[CPUID_BREAKPOINTS + 1]; // the same whoever finds it out

static void try(struct thread *t, enum cpuid_watch how, int result)
{
    if (result)
        __atomic_store_n(&impossible[how], true, __ATOMIC_RELAXED);
    else
        t->cpuid_watch = how;
}

static bool can(enum cpuid_watch how)
{
    return !__atomic_load_n(&impossible[how], __ATOMIC_RELAXED);
}

void cpuid_watch_begin(void)
{
    struct thread *t = current_thread();
    struct mm *mm = t->process->mm;
    uint64_t at[CPUID_BREAKS];
    if (mm_starts(mm) == 1 && can(CPUID_TRAPS))
        try(t, CPUID_TRAPS, target_cpuid_trap(1));
    if (mm_starts(mm) && !can(CPUID_TRAPS) && can(CPUID_BREAKPOINTS) && rewrite_cpuid_candidates(mm, at))
        try(t, CPUID_BREAKPOINTS, target_cpuid_break(at));
}

void cpuid_watch_end(struct thread *t)
{
    static const uint64_t none[CPUID_BREAKS];
    const enum cpuid_watch how = t->cpuid_watch;
    t->cpuid_watch = CPUID_UNWATCHED;
    if (how == CPUID_TRAPS)
        (void)target_cpuid_trap(0);
    if (how == CPUID_BREAKPOINTS)
        (void)target_cpuid_break(none);
}
