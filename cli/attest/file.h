// SPDX-License-Identifier: MIT
//
// Small files as a whole.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { FILE_LIMIT = 1 << 20 };

// "-" is standard input. *ret_data is malloc'ed, with a zero byte behind it. 0, -EFBIG (beyond FILE_LIMIT),
// or what the system says.
int file_read(const char *path, uint8_t **ret_data, size_t *ret_size);
// Written beside it, then renamed, so that nobody sees half of it.
int file_write(const char *path, const void *data, size_t size);
