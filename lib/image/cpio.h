// SPDX-License-Identifier: MIT
//
// cpio archives in the newc format. The reader is strict ("070701"; "070702" with its checksums verified), takes what `cpio -H newc`,
// libarchive and the writer here make, works on bytes in memory and trusts none of them. The writer differs from libarchive's in
// one thing: the content of each file begins a block of its own.
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

enum {
    CPIO_NAME_MOST = 4096, // bytes, NUL included
    CPIO_HEADER_MOST = 112 + CPIO_NAME_MOST + 4096,
};

// The header and name of *e (data is not used) as it stands at offset `at` of an archive, a multiple of 4; `to` has room for
// CPIO_HEADER_MOST bytes. The name of a file with content is padded with NUL bytes, so that the content begins at a multiple of
// IMAGE_BLOCK_SIZE: then no two files share a block of the hash tree, and a damaged block is a damage of one file. Readers take
// a padded name for the name (Linux: Documentation/driver-api/early-userspace/buffer-format.rst). Returns the size, a multiple of 4;
// name_length is below CPIO_NAME_MOST.
size_t cpio_write_header(uint8_t *to, uint64_t at, const struct cpio_entry *e);
// The entry that ends an archive; the size, likewise.
size_t cpio_write_trailer(uint8_t *to);
