// SPDX-License-Identifier: MIT
//
// Brackets for code that uses vector registers: the program's are saved in the thread area and put back. No host call and no
// blocking may happen between; the same area serves open host calls.
#include "abi/entry.h"
#include "abi/layout.h"
#include "abi/xfeatures.h"
#include "kernel/crypto/crypto.h"

static uint64_t save_area(void)
{
    const struct thread_block *tb;
    __asm__("mov %%gs:0, %0" : "=r"(tb));
    return tb->area + THREAD_XSAVE_OFFSET;
}

void fpu_begin(void)
{
    __asm__ volatile("xsave64 (%0)" : : "r"(save_area()), "a"(XFEATURES_OFFERED), "d"(0) : "memory");
}

void fpu_end(void)
{
    __asm__ volatile("xrstor64 (%0)" : : "r"(save_area()), "a"(XFEATURES_OFFERED), "d"(0) : "memory");
}
