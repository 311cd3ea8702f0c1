// SPDX-License-Identifier: MIT
//
// The hash tree over an image: dm-verity's format 1, SHA-256, no salt, blocks of 4096 bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"

#define TREE_LEVELS_MAX 8u

struct tree_plan {
    uint64_t data_blocks;
    uint64_t blocks; // hash blocks in all
    unsigned levels;
    struct {
        uint64_t first, count; // in hash blocks; level 0 holds the digests of data blocks
    } level[TREE_LEVELS_MAX];
};

// 0, or -EINVAL for fewer than two or absurdly many data blocks (one block would be its own root: never made).
int tree_plan(uint64_t data_blocks, struct tree_plan *ret);

// Fills `blocks` (plan->blocks * 4096 bytes) and the root hash.
void tree_build(const struct tree_plan *plan, const uint8_t *data, uint8_t *blocks, uint8_t ret_root[IMAGE_DIGEST_SIZE]);

// Digests of `count` blocks one after the other.
void tree_hash_blocks(const uint8_t *blocks, uint64_t count, uint8_t *ret_digests);

// The 4096-byte superblock for this plan; its UUID is taken from the root hash, so that the same input gives the same bytes.
void tree_superblock(const struct tree_plan *plan, const uint8_t root[IMAGE_DIGEST_SIZE], uint8_t ret[IMAGE_BLOCK_SIZE]);
