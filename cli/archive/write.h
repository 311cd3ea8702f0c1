// SPDX-License-Identifier: MIT
#pragma once

#include "cli/archive/tree.h"

// Writes the tree as a cpio archive (newc) into an open file. Owner, times and inode numbers do not depend on this machine: the same
// tree gives the same bytes. 0, or -1 after one line on stderr that names `path` or the file that cannot be read.
int tree_write(struct tree *t, int fd, const char *path);
