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

enum { VECTOR_UD = 6, VECTOR_GP = 13, CPUID_LENGTH = 2, KNOWN = 64 };

// Answers, by a hash of leaf and subleaf. One that finds its place taken by another takes it over: all are read under the lock.
static struct answer {
    bool there;
    uint32_t leaf, subleaf, r[4];
} known[KNOWN];
static struct spin known_lock;

static unsigned place_of(uint32_t leaf, uint32_t subleaf)
{
    return (leaf ^ leaf >> 26 ^ subleaf * 7) % KNOWN;
}

static void ask(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
    struct answer *a = &known[place_of(leaf, subleaf)];
    spin_lock(&known_lock);
    bool found = a->there && a->leaf == leaf && a->subleaf == subleaf;
    if (found)
        memcpy(ret, a->r, sizeof(a->r));
    spin_unlock(&known_lock);
    if (found)
        return;
    target_cpuid_any(leaf, subleaf, ret);
    spin_lock(&known_lock);
    *a = (struct answer){true, leaf, subleaf, {ret[0], ret[1], ret[2], ret[3]}};
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

void cpuid_watch_begin(void)
{
    static bool impossible; // the same whoever finds it out
    struct thread *t = current_thread();
    if (__atomic_load_n(&impossible, __ATOMIC_RELAXED) || mm_starts(t->process->mm) != 1)
        return;
    if (target_cpuid_trap(1))
        __atomic_store_n(&impossible, true, __ATOMIC_RELAXED);
    else
        t->cpuid_traps = true;
}

void cpuid_watch_end(struct thread *t)
{
    if (!t->cpuid_traps)
        return;
    t->cpuid_traps = false;
    (void)target_cpuid_trap(0);
}
