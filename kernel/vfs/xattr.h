// SPDX-License-Identifier: MIT
//
// Extended attributes (man 7 xattr) of the files of the tree: user.*, trusted.* and security.*, kept in memory as the files are. Those of
// devices, pipes and of what the kernel makes up have none. The tree lock guards them.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct node;
struct xattr;

// 0 or -errno as setxattr(2); flags: XATTR_CREATE, XATTR_REPLACE.
int xattr_set(struct node *n, const char *name, const void *value, size_t size, int flags);
// How many bytes the value has; with room for it, it is there. -ERANGE: there is not enough.
long xattr_get(struct node *n, const char *name, void *to, size_t room);
// The names, each with its NUL, likewise.
long xattr_list(struct node *n, char *to, size_t room);
int xattr_remove(struct node *n, const char *name);
void xattr_free(struct xattr *list);
