// SPDX-License-Identifier: MIT
//
// An existing root filesystem file, checked before anything is done with it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_file {
    const uint8_t *bytes; // the file, mapped
    size_t size;
    size_t archive_size;  // of the cpio archive at its start
};

// Maps the file and checks that it is a cpio archive from its first to its last entry, sealed or not. With `contents`, that every byte
// of a sealed one matches its hash tree. 0, or -1 after one line on stderr.
int archive_file_open(const char *path, bool contents, struct archive_file *ret);
void archive_file_close(struct archive_file *f);
