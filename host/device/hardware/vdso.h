// SPDX-License-Identifier: MIT
#pragma once

// Address of a function in the ELF image that Linux maps into every process (getauxval(AT_SYSINFO_EHDR)), or in any
// other that is mapped whole at `image`. NULL: not there.
void *vdso_symbol(const void *image, const char *name);
