// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/image/image.h"
#include "lib/image/tree.h"
#include "lib/image/view.h"

static int damaged(const char **reason, const char *why)
{
    *reason = why;
    return -EBADMSG;
}

static int verify_hashes(const struct image_view *v, uint64_t *ret_block, const char **reason)
{
    struct tree_plan plan;
    if (tree_plan(v->data_size / IMAGE_BLOCK_SIZE, &plan) || plan.blocks * IMAGE_BLOCK_SIZE != v->tree_size)
        return damaged(reason, "corrupt: the hash tree has the wrong size");
    uint8_t root[IMAGE_DIGEST_SIZE], *tree = malloc(v->tree_size);
    if (!tree)
        return -ENOMEM;
    int r = 0;
    tree_build(&plan, v->data, tree, root);
    if (memcmp(root, v->root_hash, sizeof(root))) {
        uint64_t block = 0;
        const uint8_t *mine = tree + plan.level[0].first * IMAGE_BLOCK_SIZE;
        const uint8_t *theirs = v->tree + plan.level[0].first * IMAGE_BLOCK_SIZE;
        while (block < plan.data_blocks &&
               !memcmp(mine + block * IMAGE_DIGEST_SIZE, theirs + block * IMAGE_DIGEST_SIZE, IMAGE_DIGEST_SIZE))
            block++;
        *ret_block = block < plan.data_blocks ? block : UINT64_MAX;
        r = damaged(reason, "corrupt: its content does not match its hash tree");
    } else if (memcmp(tree, v->tree, v->tree_size)) {
        r = damaged(reason, "corrupt: the hash tree is damaged");
    }
    free(tree);
    return r;
}

// Every inode and entry is usable, names are sorted and no directory has two names (so the tree is one).
static int verify_index(const struct image_view *v, const char **reason)
{
    uint8_t *seen = calloc(v->index.inode_count, 1);
    int r = seen ? 0 : -ENOMEM;
    for (uint32_t n = 0; !r && n < v->index.inode_count; n++) {
        struct image_inode dir, child;
        const char *name, *before = NULL;
        uint32_t before_length = 0;
        r = view_inode(v, n, &dir);
        for (uint32_t i = 0; !r && S_ISDIR(dir.mode) && i < dir.count; i++) {
            struct image_entry e;
            r = view_entry(v, dir.data + i, &e, &name);
            if (!r)
                r = view_inode(v, e.inode, &child);
            if (!r && S_ISDIR(child.mode) && (e.inode <= n || seen[e.inode]++))
                r = -EBADMSG;
            if (!r && (memchr(name, '/', e.name_length) || memchr(name, 0, e.name_length)))
                r = -EBADMSG;
            if (!r && before) {
                uint32_t shorter = before_length < e.name_length ? before_length : e.name_length;
                int c = memcmp(before, name, shorter);
                r = c < 0 || (!c && before_length < e.name_length) ? 0 : -EBADMSG;
            }
            before = name;
            before_length = e.name_length;
        }
    }
    free(seen);
    if (r == -EBADMSG)
        *reason = "corrupt: its index is inconsistent";
    return r;
}

int image_verify(const struct image_view *view, uint64_t *ret_block, const char **reason)
{
    uint64_t block = UINT64_MAX;
    *reason = NULL;
    int r = verify_hashes(view, &block, reason);
    if (!r)
        r = verify_index(view, reason);
    if (ret_block)
        *ret_block = block;
    return r;
}
