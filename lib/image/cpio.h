// SPDX-License-Identifier: MIT
//
// A strict reader of cpio archives in the newc format ("070701"; "070702" with its checksums verified), as `cpio -H newc` and
// libarchive write them. Works on bytes in memory and trusts none of them.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct cpio_reader {
    const uint8_t *archive;
    size_t size;
    size_t at; // of the next header
};

struct cpio_entry {
    const char *name; // as stored, NUL-terminated, points into the archive
    size_t name_length;
    uint32_t mode, uid, gid, nlink, mtime, ino;
    uint32_t dev_major, dev_minor, rdev_major, rdev_minor;
    uint64_t data, size; // offset in the archive, bytes
};

// The next entry. 1: there is one; 0: the archive's trailer was read (what follows it was checked to be padding);
// -EINVAL with a reason.
int cpio_next(struct cpio_reader *r, struct cpio_entry *ret, const char **reason);
