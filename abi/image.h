// SPDX-License-Identifier: MIT
//
// The root filesystem image as the kernel reads it.
//
//   cpio archive (newc)      what `cpio`, libarchive and users see; ends with TRAILER!!! (content block-aligned: lib/image/cpio.h)
//   zero padding to 4096
//   index                    the archive's directory as a table, so that start-up does not grow with the image
//   zero padding to 4096     <- data_size: everything before is covered by the hash tree
//   superblock block, hash blocks
//   trailer block            the last 4096 bytes of the file: struct image_trailer; a hint for the host, not trusted
//
// The tree is dm-verity's format 1 without salt (Documentation/admin-guide/device-mapper/verity.rst;
// `veritysetup verify --hash-offset=<data_size> FILE FILE <root hash>` checks such a file): SHA-256, 4096-byte data and hash
// blocks, 128 digests to a hash block, zero filled, levels until one block is left, whose hash is the root;
// levels are stored top level first, behind the superblock's block.
//
// Root hash, data_size and index position stand in the measured configuration (abi/config.h). The kernel verifies a
// block when it first reads it, and still checks every offset that it finds in the index.
// A plain cpio without index and tree is sealed by the host into the same form before use.
#pragma once

#include <stdint.h>

#define IMAGE_BLOCK_SIZE 4096u
#define IMAGE_DIGEST_SIZE 32u
#define IMAGE_DIGESTS_PER_BLOCK 128u

#define IMAGE_TRAILER_MAGIC "MYSTIMG1"
struct image_trailer {
    uint8_t magic[8];
    uint64_t archive_size; // bytes of the archive before padding
    uint64_t index_offset; // multiple of 4096
    uint64_t index_size;   // bytes
    uint64_t data_size;    // multiple of 4096; also the offset of the superblock
    uint64_t tree_size;    // superblock block and hash blocks, bytes
    uint8_t root_hash[32];
};

// The index: header, inodes, directory entries, names. Offsets are bytes from the start of the index.
#define IMAGE_INDEX_MAGIC "MYSTIDX1"
struct image_index {
    uint8_t magic[8];
    uint32_t inode_count; // inode 0 is the root directory
    uint32_t entry_count;
    uint64_t inodes;  // offset of struct image_inode[inode_count]
    uint64_t entries; // offset of struct image_entry[entry_count]
    uint64_t names;   // offset of the name table
    uint64_t names_size;
};

struct image_inode {
    uint32_t mode; // st_mode, type included
    uint32_t uid, gid;
    uint32_t nlink;
    uint64_t mtime; // seconds
    uint64_t size;  // bytes of data (symlink: of its target)
    uint64_t data;  // regular file, symlink: offset in the image. directory: number of its first entry
    uint32_t count; // directory: number of entries
    uint32_t rdev;  // device: makedev(major, minor)
};

struct image_entry { // the entries of a directory are contiguous and sorted by name (memcmp, shorter first)
    uint32_t inode;
    uint32_t name;        // offset in the name table
    uint32_t name_length; // bytes; names are not terminated
};
