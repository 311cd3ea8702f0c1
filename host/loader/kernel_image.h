// SPDX-License-Identifier: MIT
//
// The kernel image file (kernel-sgx.elf, kernel-linux.elf) as the host loads it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define KERNEL_MAX_SEGMENTS 4

struct kernel_segment {
    uint64_t address;    // page aligned
    uint64_t size;       // in memory, bytes; a multiple of the page size
    const uint8_t *data; // file content
    uint64_t data_size;  // bytes of content; the rest is zero
    int prot;            // PROT_*
};

enum { // kinds of enclave_site; the others are those of emu_site (emu/emu.h)
    ENCLAVE_SITE_ENTRY_WITHOUT_FS = 3,
};

struct enclave_site { // what software SGX may know of the trusted code after measuring
    uint64_t address;
    uint64_t kind;
};

struct kernel_image {
    void *map;
    size_t map_size;
    uint64_t entry;
    struct kernel_segment segments[KERNEL_MAX_SEGMENTS];
    unsigned segment_count;
    const struct enclave_site *sites; // in the file, NULL when none
    size_t site_count;
};

// Maps and checks the file. 0, or negative errno after one line on stderr.
int kernel_image_open(const char *path, struct kernel_image *ret_image);
void kernel_image_close(struct kernel_image *image);
