// SPDX-License-Identifier: MIT
//
// Leaves that need OpenSSL run on a stack and with an FS that it can use. The enclave's vector registers are kept.
#include "emu/state.h"

int emu_call_hosted(struct emu_thread *t, int (*f)(void *argument), void *argument)
{
    enum { STATE_SIZE = 0x3000 };
    uint64_t fs = emu_fs_base(t);
    uint8_t *state = t->leaf_stack_top - STATE_SIZE;
    for (unsigned i = 512; i < 576; i++) // XSAVE wants a clean header
        state[i] = 0;
    __asm__ volatile("xsave64 (%0)" : : "r"(state), "a"(-1), "d"(-1) : "memory");
    emu_set_fs_base(t, t->host_fs);
    int r = emu_call_on_stack(f, argument, state);
    emu_set_fs_base(t, fs);
    __asm__ volatile("xrstor64 (%0)" : : "r"(state), "a"(-1), "d"(-1) : "memory");
    return r;
}
