// SPDX-License-Identifier: MIT
//
// Seals of memory files: memfd_create(2), "File sealing". What was sealed stays so, whoever has the file.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file;
struct node;

#define SEALS_KEPT (1u << 31) // in node.seals: a file that has seals, perhaps none yet

// F_ADD_SEALS, F_GET_SEALS. -EINVAL: a file without them. -EPERM: F_SEAL_SEAL is set, or no right to write. -EBUSY: mapped to be written.
long seal_add(struct file *f, unsigned seals);
long seal_get(const struct file *f);
// Between object_enter and object_leave: may `size` bytes be written at offset, may the file have this size? 0 or -EPERM.
int seal_check_write(const struct node *n, uint64_t offset, uint64_t size);
int seal_check_size(const struct node *n, uint64_t size);
// May a shared mapping of it be written?
bool seal_allows_mapping(const struct file *f);
