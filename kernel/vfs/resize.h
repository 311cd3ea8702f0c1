// SPDX-License-Identifier: MIT
//
// Regular files whose size or allocation changes without a write, with the seals and limits that stand against it.
#pragma once

#include <stdint.h>

struct node;

// truncate(2), ftruncate(2), O_TRUNC. 0, -EPERM (sealed), -EFBIG, -ENOMEM, -ENOSPC, -EIO.
int node_resize(struct node *n, uint64_t size);
// fallocate(2) with mode 0, FALLOC_FL_KEEP_SIZE or FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE. Errors as above, -EOPNOTSUPP: other modes.
int node_allocate(struct node *n, int mode, uint64_t offset, uint64_t size);
