// SPDX-License-Identifier: MIT
//
// Fixups: instructions of the kernel that may fault on program memory, and where to go on when the fault is real.
#pragma once

#ifdef __ASSEMBLER__
.macro EXTABLE insn, fixup
    .pushsection __ex_table, "a"
    .balign 8
    .quad \insn, \fixup
    .popsection
.endm
#else
#include <stdint.h>

struct extable_entry {
    uint64_t instruction, fixup;
};
extern const struct extable_entry kernel_extable_start[], kernel_extable_end[];
#endif
