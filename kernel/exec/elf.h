// SPDX-License-Identifier: MIT
//
// Reading and mapping ELF64 x86-64 files.
#pragma once

#include <linux/elf.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

struct file;
struct mm;

enum { ELF_MAX_HEADERS = 64, ELF_PATH_MAX = 256 };

struct elf_image { // what exec needs to know of a file; filled by elf_read
    uint16_t type; // ET_EXEC or ET_DYN
    uint64_t entry;
    uint64_t headers_offset;
    unsigned header_count;
    Elf64_Phdr headers[ELF_MAX_HEADERS];
    uint64_t low, high; // page-aligned span of PT_LOAD
    char interpreter[ELF_PATH_MAX]; // empty when static
    int stack_flags;                // PF_* of PT_GNU_STACK; PF_X when absent
};

// Checks everything that will be used later. 0, -ENOEXEC (not for us), -EIO, -ENOMEM.
int elf_read(struct file *file, struct elf_image *ret_image);
// The same checks on a header and program headers in memory (for tests). file_size bounds offsets.
int elf_check(const Elf64_Ehdr *e, uint64_t file_size);
int elf_check_headers(struct elf_image *image, uint64_t file_size);
// Maps the segments; ret_bias is added to every address of the file. 0 or -errno.
int elf_map(struct mm *mm, struct file *file, const struct elf_image *image, bool program, uint64_t *ret_bias);
