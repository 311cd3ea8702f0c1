// SPDX-License-Identifier: MIT
//
// The vDSO of an address space: one page of clock, then the shared object (kernel/exec/vdso/).
#pragma once

#include <stdint.h>

struct mm;

// Maps clock page and vDSO; *ret_vdso is what AT_SYSINFO_EHDR says. 0 or -errno.
int vdso_map(struct mm *mm, uint64_t *ret_vdso);
// Brings the current address space's clock page up to date with the kernel's: for the system calls that the vDSO makes when its
// segment of time has ended. No mutex is held.
void vdso_refresh(void);
// The same for a space that is in place and where nobody runs.
void vdso_refresh_space(struct mm *mm);
// Program address of a code symbol of the vDSO in the current address space, 0 if there is none.
uint64_t vdso_symbol(const char *name);
