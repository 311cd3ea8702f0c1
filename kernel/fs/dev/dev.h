// SPDX-License-Identifier: MIT
//
// Device files.
#pragma once

#include <stdint.h>

struct file_ops;

void dev_mount(void); // fills /dev
// Adds a device file below /dev (directories on the way are made). 0 or -errno.
int devfs_register(const char *path, unsigned mode, const struct file_ops *ops, void *context);
// The same, with a device number.
int devfs_register_device(const char *path, unsigned mode, uint32_t rdev, const struct file_ops *ops, void *context);
