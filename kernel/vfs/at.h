// SPDX-License-Identifier: MIT
//
// The `dirfd, path` pair of the *at system calls.
#pragma once

#include "kernel/mm/user.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/node.h"

// Copies a path into a page-sized buffer (kfree it). 0 or -EFAULT, -ENAMETOOLONG, -ENOMEM.
int path_from_user(const char USER *path, char **ret_path);
// The directory that relative paths start from; a reference. For AT_FDCWD the current directory.
int base_from_fd(int dirfd, const char *path, struct node **ret_base);
// The node of an open file; a reference. -EBADF (also what was opened with O_PATH, unless path_too), -EINVAL: it has none.
int node_of_fd(int fd, bool path_too, struct node **ret);
// The node named by dirfd and path; flags AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH; follow: whether the end is followed by default.
int node_at(int dirfd, const char USER *path, int flags, struct node **ret);
// Opens what is to be executed by dirfd and a path in kernel memory; an empty path is dirfd's own file. flags: AT_SYMLINK_NOFOLLOW.
int program_at(int dirfd, const char *path, int flags, struct file **ret);
