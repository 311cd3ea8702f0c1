// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

struct file;

// A descriptor of the process with this number. flags: O_NONBLOCK. The caller owns the file. -ESRCH.
int pidfd_new(int32_t pid, int flags, struct file **ret);
int32_t pidfd_pid(const struct file *f); // -EBADF: not one of these
