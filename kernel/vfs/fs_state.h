// SPDX-License-Identifier: MIT
//
// What a process knows of the file tree, and how its paths are opened.
#pragma once

#include <stdint.h>

#include "kernel/sync/sync.h"

struct file;
struct node;

struct fs_state {
    uint32_t references;
    struct node *cwd; // holds a reference; written by the process's threads under the tree's coarse serialisation
    struct node *root; // likewise: where its absolute paths begin, and where ".." leads no further (chroot)
    uint32_t umask;
};

int file_open_at(struct node *base, const char *path, uint32_t flags, unsigned mode, struct file **ret);
int file_open_program(struct node *base, const char *path, bool follow, struct file **ret); // as vfs_open_program
int file_open_node(struct node *n, uint32_t flags, struct file **ret);
