// SPDX-License-Identifier: MIT
#include "lib/image/tree.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define DATA_BLOCKS_MAX (1ull << 40)
#define PARALLEL_BLOCKS 4096u // from 16 MiB on a second thread pays

// The on-disk superblock of dm-verity (veritysetup(8)), little-endian.
struct verity_superblock {
    uint8_t signature[8];
    uint32_t version;
    uint32_t hash_type;
    uint8_t uuid[16];
    char algorithm[32];
    uint32_t data_block_size;
    uint32_t hash_block_size;
    uint64_t data_blocks;
    uint16_t salt_size;
    uint8_t pad1[6];
    uint8_t salt[256];
    uint8_t pad2[168];
};
_Static_assert(sizeof(struct verity_superblock) == 512, "dm-verity superblock");

int tree_plan(uint64_t data_blocks, struct tree_plan *ret)
{
    struct tree_plan p = {.data_blocks = data_blocks};
    if (data_blocks < 2 || data_blocks > DATA_BLOCKS_MAX)
        return -EINVAL;
    for (uint64_t count = data_blocks; count > 1; p.levels++) {
        count = (count + IMAGE_DIGESTS_PER_BLOCK - 1) / IMAGE_DIGESTS_PER_BLOCK;
        p.level[p.levels].count = count;
    }
    for (unsigned l = p.levels; l-- > 0;) { // stored top level first
        p.level[l].first = p.blocks;
        p.blocks += p.level[l].count;
    }
    *ret = p;
    return 0;
}

struct hash_job {
    const uint8_t *blocks;
    uint64_t count;
    uint8_t *digests;
};

static void *hash_run(void *argument)
{
    const struct hash_job *job = argument;
    struct sha256_ctx c;
    sha256_init(&c);
    for (uint64_t i = 0; i < job->count; i++) {
        sha256_update(&c, IMAGE_BLOCK_SIZE, job->blocks + i * IMAGE_BLOCK_SIZE);
        sha256_digest(&c, IMAGE_DIGEST_SIZE, job->digests + i * IMAGE_DIGEST_SIZE); // and begins anew
    }
    return NULL;
}

void tree_hash_blocks(const uint8_t *blocks, uint64_t count, uint8_t *ret_digests)
{
    struct hash_job first = {blocks, count, ret_digests}, second = {0};
    pthread_t helper;
    bool parallel = count >= PARALLEL_BLOCKS;
    if (parallel) {
        first.count = count / 2;
        second = (struct hash_job){blocks + first.count * IMAGE_BLOCK_SIZE, count - first.count,
                                   ret_digests + first.count * IMAGE_DIGEST_SIZE};
        parallel = !pthread_create(&helper, NULL, hash_run, &second);
        if (!parallel)
            (void)hash_run(&second);
    }
    (void)hash_run(&first);
    if (parallel)
        pthread_join(helper, NULL);
}

void tree_build(const struct tree_plan *plan, const uint8_t *data, uint8_t *blocks, uint8_t ret_root[IMAGE_DIGEST_SIZE])
{
    const uint8_t *below = data;
    uint64_t count = plan->data_blocks;
    memset(blocks, 0, plan->blocks * IMAGE_BLOCK_SIZE);
    for (unsigned l = 0; l < plan->levels; l++) {
        uint8_t *level = blocks + plan->level[l].first * IMAGE_BLOCK_SIZE;
        tree_hash_blocks(below, count, level);
        below = level;
        count = plan->level[l].count;
    }
    tree_hash_blocks(below, 1, ret_root);
}

void tree_superblock(const struct tree_plan *plan, const uint8_t root[IMAGE_DIGEST_SIZE], uint8_t ret[IMAGE_BLOCK_SIZE])
{
    struct verity_superblock s = {
        .signature = "verity",
        .version = 1,
        .hash_type = 1,
        .algorithm = "sha256",
        .data_block_size = IMAGE_BLOCK_SIZE,
        .hash_block_size = IMAGE_BLOCK_SIZE,
        .data_blocks = plan->data_blocks,
    };
    memcpy(s.uuid, root, sizeof(s.uuid));
    memset(ret, 0, IMAGE_BLOCK_SIZE);
    memcpy(ret, &s, sizeof(s));
}
