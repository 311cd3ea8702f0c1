// SPDX-License-Identifier: MIT
//
// Whole reads and writes.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Until the end of the file, malloc'ed (never NULL on success). -EFBIG: more than `limit` bytes.
int read_all(int fd, size_t limit, uint8_t **ret_bytes, size_t *ret_size);
int write_all(int fd, const void *bytes, size_t size);
