// SPDX-License-Identifier: MIT
//
// RLIMIT_FSIZE: how large the current process may make a file (man 2 setrlimit). What is refused sends SIGXFSZ.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct node;

// How many of `size` bytes may be written at offset; -EFBIG: none.
long size_limit_write(uint64_t offset, size_t size);
// May the file become this large? 0 or -EFBIG.
int size_limit_grow(const struct node *n, uint64_t size);
