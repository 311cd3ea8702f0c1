// SPDX-License-Identifier: MIT
//
// Symbolic links, those of /proc included, whose target is computed or which name an object without a path.
#pragma once

#include "kernel/vfs/node.h"

struct link_ops {
    int (*target)(struct node *link, char *to, size_t size); // length or -errno
    struct node *(*jump)(struct node *link);                 // node with a reference, or NULL: go by target
};

// A link whose target is computed. One reference.
struct node *link_new_computed(const struct link_ops *ops, void *context);
// The tree lock is held in both; a computed target may let go of it for a while.
int link_target(struct node *link, char *to, size_t size); // not terminated; length or -errno
struct node *link_jump(struct node *link);
