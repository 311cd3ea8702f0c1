// SPDX-License-Identifier: MIT
//
// Between walk.c and change.c: resolution with the tree lock already held; nothing is referenced.
#pragma once

#include "kernel/vfs/tree.h"

int tree_parent_locked(struct node *base, const char *path, struct tree_place *ret);
