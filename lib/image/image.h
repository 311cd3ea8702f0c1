// SPDX-License-Identifier: MIT
//
// Sealed root filesystem images (abi/image.h) on the host side: making them from cpio archives, opening and checking them.
//
// Functions return 0 or negative errno. `*reason`, where there is one, is a static text for people that says what is wrong with
// the input; it is set whenever -EINVAL, -EBADMSG or -EEXIST is returned, and NULL for other errors (use strerror). No function
// prints. What is read here may have been made by anybody: every size and offset is checked before it is used.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"

// A sealed image in memory. Pointers point into the caller's map, which must outlive the view.
struct image_view {
    const uint8_t *data; // archive and index, data_size bytes, covered by the tree
    uint64_t data_size;
    uint64_t archive_size; // of the cpio archive, before padding
    uint64_t index_offset, index_size;
    const uint8_t *tree; // hash blocks, top level first (behind the superblock's block)
    uint64_t tree_size;  // bytes of hash blocks
    uint8_t root_hash[IMAGE_DIGEST_SIZE];
    struct image_index index; // header of the index, checked to lie inside it
};

// True when the last block of the file carries a sealed image's trailer. Does not check anything else.
bool image_is_sealed(const void *map, size_t size);

// Checks trailer, superblock, sizes and the top of the tree; O(1), contents are not hashed.
// -EINVAL: not a sealed image; -EBADMSG: sealed but damaged.
int image_open(const void *map, size_t size, struct image_view *ret_view, const char **reason);

// Hashes everything and checks the whole index (for tools; the kernel verifies block by block as it reads).
// -EBADMSG: damaged; ret_block (may be NULL) is then the first data block that does not match, or UINT64_MAX.
int image_verify(const struct image_view *view, uint64_t *ret_block, const char **reason);

// Appends index, hash tree and trailer to the cpio archive in an open file (read and write). A file that is not a proper archive is
// not changed. -EINVAL: not an acceptable archive; -EEXIST: sealed already. On a write error the file is cut back to the archive.
int image_seal_fd(int fd, const char **reason);

// The same in memory: makes a sealed image of a plain archive. The result is to be given back with image_free.
int image_seal_memory(const void *archive, size_t size, void **ret_image, size_t *ret_size, const char **reason);
void image_free(void *image, size_t size);

// The inode at an absolute path; symbolic links are followed when `follow`. ret_inode is checked: its data lies in the archive.
// -ENOENT, -ENOTDIR, -ELOOP, -EBADMSG.
int image_lookup(const struct image_view *view, const char *path, bool follow, struct image_inode *ret_inode);
