// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

struct file;

// flags: O_NONBLOCK. The caller owns the file.
int signalfd_new(uint64_t set, int flags, struct file **ret);
int signalfd_change(struct file *f, uint64_t set); // -EINVAL: not one of these
