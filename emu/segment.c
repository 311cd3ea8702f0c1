// SPDX-License-Identifier: MIT
//
// FS and GS bases: by instruction where Linux lets programs use them (HWCAP2), else by system call. Without Linux's consent the
// instructions may execute and yet be lost at the next context switch.
//
// The system call takes 4 us on a virtual machine, where a page fault of an enclave would need nine of them. But where the instructions
// are forbidden nobody changes the base but through us; so it is known without asking, and loaded only when somebody looks.
#include <asm/prctl.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "emu/state.h"

enum { HWCAP2_FSGSBASE_BIT = 2 };
static bool by_instruction;

void emu_segment_setup(void)
{
    by_instruction = getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT;
}

bool emu_bases_by_instruction(void)
{
    return by_instruction;
}

static uint64_t ask(int code)
{
    uint64_t base = 0;
    (void)emu_raw(SYS_arch_prctl, (uint64_t)code, (uint64_t)&base, 0, 0);
    return base;
}

void emu_fs_of_host(struct emu_thread *t)
{
    t->host_fs = t->fs = t->loaded_fs = ask(ARCH_GET_FS);
}

uint64_t emu_fs_base(const struct emu_thread *t)
{
    uint64_t base;
    if (!by_instruction)
        return t->fs;
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

uint64_t emu_gs_base(void)
{
    uint64_t base;
    if (!by_instruction)
        return ask(ARCH_GET_GS);
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    return base;
}

void emu_set_fs_base(struct emu_thread *t, uint64_t base)
{
    t->fs = base;
    if (by_instruction)
        __asm__ volatile("wrfsbase %0" : : "r"(base));
    else if (t->loaded_fs != base)
        (void)emu_raw(SYS_arch_prctl, ARCH_SET_FS, base, 0, 0);
    t->loaded_fs = base;
}

void emu_set_fs_base_unseen(struct emu_thread *t, uint64_t base)
{
    if (by_instruction)
        emu_set_fs_base(t, base);
    t->fs = base;
}

// The host does not use GS, so the enclave's stays loaded while outside.
void emu_set_gs_base(struct emu_thread *t, uint64_t base)
{
    if (by_instruction)
        __asm__ volatile("wrgsbase %0" : : "r"(base));
    else if (t->loaded_gs != base)
        (void)emu_raw(SYS_arch_prctl, ARCH_SET_GS, base, 0, 0);
    t->loaded_gs = base;
}
