// SPDX-License-Identifier: MIT
//
// How paths and nodes are opened: open(2). vfs_open and its like, for all of the kernel, are in file.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file;
struct node;

// base: where a relative path begins; mode: as given to open(2), the umask not applied yet. 0 or -errno.
int file_open_at(struct node *base, const char *path, uint32_t flags, unsigned mode, struct file **ret);
int file_open_program(struct node *base, const char *path, bool follow, struct file **ret); // as vfs_open_program
// What is there already, whatever its permissions.
int file_open_node(struct node *n, uint32_t flags, struct file **ret);
