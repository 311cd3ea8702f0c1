// SPDX-License-Identifier: MIT
//
// Program loading: ELF64 x86-64 (ET_EXEC, ET_DYN, PT_INTERP) and #! scripts; stack with argv, envp, auxv; vDSO.
#pragma once

#include <stdint.h>

struct file;
struct mm;
struct regs;

struct exec_request {
    const char *path;
    char **argv; // NULL-terminated, kernel memory
    char **envp;
    struct file *file; // what path names if it is open already (execveat, a program of the system image); not taken over. Else NULL
};
// Loads into a new address space. On success fills regs (rip, rsp, everything else zero) and gives the new mm; the caller switches
// to it. Nobody may write to the executable: text_end_run when it is given back. MYST_TARGET is added to (and cannot be overridden by)
// envp. Errors as execve(2).
int exec_load(const struct exec_request *request, struct mm **ret_mm, struct regs *ret_regs, struct file **ret_executable);

// One line of detail about the last failed exec_load on this thread ("its interpreter /lib/ld.so is not in the root
// filesystem"), or NULL.
const char *exec_error_detail(void);
