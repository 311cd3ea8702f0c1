// SPDX-License-Identifier: MIT
//
// A system call that arrived by a trap: its site is looked at once, then the call is served as any other.
#include "kernel/entry/regs.h"
#include "kernel/mm/mm.h"
#include "kernel/rewrite/rewrite.h"

enum { SYSCALL_LENGTH = 2 };

void syscall_trapped(struct regs *regs)
{
    struct mm *mm = mm_current();
    if (mm) {
        rewrite_site(mm, regs->rip - SYSCALL_LENGTH);
        regs->rip = rewrite_moved(regs->rip); // what follows may have been displaced just now
    }
    syscall_entry(regs);
}
