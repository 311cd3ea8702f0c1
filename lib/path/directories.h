// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

// The directory and those above it that do not exist yet, with this mode (and the umask). What exists is left as it is. 0 or -errno.
int directories_make(const char *path, mode_t mode);
