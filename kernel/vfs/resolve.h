// SPDX-License-Identifier: MIT
//
// Paths that must not lead anywhere else: the RESOLVE_* rules of openat2(2).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node;

// Resolves path from base step by step under the rules, and writes one to `to` that names the same from base without links on its way.
// follow: a link at the end too. size: TREE_PATH_MAX at least. 0, -EXDEV (it leads out), -ELOOP (a link that is not allowed, or too many),
// and all that a walk may give. What does not exist is left to the open that follows.
int resolve_path(struct node *base, const char *path, uint64_t rules, bool follow, char *to, size_t size);
