// SPDX-License-Identifier: MIT
//
// execve(2), execveat(2).
#pragma once

#include "kernel/mm/user.h"

// Replaces the current process's program; does not return on success. Strings are copied from program memory first.
// dirfd and flags (AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW) as for execveat; AT_FDCWD and 0 make it execve.
long process_exec(int dirfd, const char USER *path, const void USER *argv, const void USER *envp, int flags);
