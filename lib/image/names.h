// SPDX-License-Identifier: MIT
//
// The file tree while an archive is read: inodes, and a hash table from (directory, name) to inode.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"

#define NO_INODE UINT32_MAX

struct name { // one directory entry; free slots of the table have inode NO_INODE
    uint32_t directory, inode;
    const char *text; // in the archive
    uint32_t length;
};

struct built_inode {
    struct image_inode i;
    uint32_t number; // final one, given when written; NO_INODE: not reachable
};

struct names {
    struct built_inode *inodes;
    uint32_t inode_count, inode_room;
    struct name *slots; // open addressing, at most half full
    uint32_t used, slot_count;
};

int names_init(struct names *n); // with the root directory as inode 0
void names_free(struct names *n);
int names_new_inode(struct names *n, const struct image_inode *i, uint32_t *ret);
// Inode of a name, or NO_INODE.
uint32_t names_find(const struct names *n, uint32_t directory, const char *text, uint32_t length);
// Adds the name or gives it another inode.
int names_set(struct names *n, uint32_t directory, const char *text, uint32_t length, uint32_t inode);
