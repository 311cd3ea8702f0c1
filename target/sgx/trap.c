// SPDX-License-Identifier: MIT
//
// From the SSA to struct trap and back. GPRSGX and EXINFO: SDM vol. 3D, 38.9. The SSA is enclave memory written by the processor:
// trusted. An entry that reports no exception (EXITINFO invalid, or consumed before) is an interrupt.
#include "abi/entry.h"
#include "abi/layout.h"
#include "kernel/lib/klib.h"

enum { GPRSGX_SIZE = 184, EXINFO_SIZE = 16, TRAP_WORDS = 18 };

struct gprsgx {
    uint64_t words[TRAP_WORDS]; // rax ... rip, the order of struct trap
    uint64_t ursp, urbp;
    uint32_t exit_info;
    uint32_t reserved;
    uint64_t fs_base, gs_base;
};
_Static_assert(sizeof(struct gprsgx) == GPRSGX_SIZE, "GPRSGX");

struct exinfo {
    uint64_t address;
    uint32_t error;
    uint32_t reserved;
};

void sgx_trap(struct thread_block *tb);

void sgx_trap(struct thread_block *tb)
{
    uint64_t frame_end = tb->area + THREAD_SSA_OFFSET + THREAD_SSA_FRAME_PAGES * PAGE_SIZE;
    struct gprsgx *gpr = (struct gprsgx *)(frame_end - GPRSGX_SIZE);
    const struct exinfo *info = (const struct exinfo *)(frame_end - GPRSGX_SIZE - EXINFO_SIZE);
    struct trap t = {.vector = TRAP_INTERRUPT};
    memcpy(&t, gpr->words, sizeof(gpr->words));
    if (gpr->exit_info >> 31) {
        t.vector = gpr->exit_info & 0xff;
        t.error = info->error;
        t.address = t.vector == 14 ? info->address : 0;
        gpr->exit_info = 0; // consumed: a second entry finds an interrupt
    }
    kernel_trap(tb, &t);
    memcpy(gpr->words, &t, sizeof(gpr->words));
}
