// SPDX-License-Identifier: MIT
//
// What an ELF file says about the files it needs beside itself.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct elf_needs {
    char *interpreter; // NULL: none
    char **libraries;  // DT_NEEDED
    size_t library_count;
    char *rpath, *runpath; // NULL: none
    bool unwinds;          // names a function for which glibc loads libgcc_s.so.1 by itself (pthread_exit, backtrace ...)
};

// 1: an x86-64 ELF file; 0: something else, or without a dynamic section; negative errno: it cannot be read.
// A damaged ELF file counts as something else: whether it runs is the kernel's to say.
int elf_needs_read(const char *path, struct elf_needs *ret);
void elf_needs_free(struct elf_needs *n);
