// SPDX-License-Identifier: MIT
//
// What a process knows of the file tree.
#pragma once

#include <stdint.h>

#include "kernel/sync/sync.h"

struct node;

struct fs_state {
    uint32_t references;
    struct node *cwd; // holds a reference; written by the process's threads under the tree's coarse serialisation
    struct node *root; // likewise: where its absolute paths begin, and where ".." leads no further (chroot)
    uint32_t umask;
};
