// SPDX-License-Identifier: MIT
//
// Permission bits, where they are looked at: access(2) and extended attributes.
#pragma once

#include <stdbool.h>

struct node;

// mode: 4 to read, 2 to write, 1 to execute; by the effective user or, as access(2), the real one. 0 or -EACCES.
int node_permits(const struct node *n, unsigned mode, bool effective);
