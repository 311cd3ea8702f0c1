// SPDX-License-Identifier: MIT
//
// Opening sealed images made by anybody.
//
// What a hostile file can try here, and the answer: offsets and sizes that wrap or point outside (each is checked against the file's
// size before use), an index whose parts overlap the end (checked), entries that name missing inodes (checked where they are
// used), directories that contain themselves (nothing here recurses over them; look-ups take one component per step).
#include <errno.h>
#include <string.h>

#include "lib/image/image.h"
#include "lib/image/tree.h"
#include "lib/image/view.h"

static bool trailer_at_end(const void *map, size_t size, struct image_trailer *ret)
{
    if (size < 4 * IMAGE_BLOCK_SIZE || size % IMAGE_BLOCK_SIZE)
        return false;
    memcpy(ret, (const uint8_t *)map + size - IMAGE_BLOCK_SIZE, sizeof(*ret));
    return !memcmp(ret->magic, IMAGE_TRAILER_MAGIC, sizeof(ret->magic));
}

bool image_is_sealed(const void *map, size_t size)
{
    struct image_trailer t;
    return trailer_at_end(map, size, &t);
}

static bool is_zero(const uint8_t *p, size_t size)
{
    return !*p && !memcmp(p, p + 1, size - 1);
}

static int damaged(const char **reason, const char *why)
{
    *reason = why;
    return -EBADMSG;
}

static bool within(uint64_t offset, uint64_t count, uint64_t each, uint64_t end)
{
    return offset <= end && count <= (end - offset) / each;
}

static bool layout_is_sane(const struct image_trailer *t, uint64_t file_size)
{
    uint64_t body = file_size - IMAGE_BLOCK_SIZE; // without the trailer's block
    return !(t->data_size % IMAGE_BLOCK_SIZE) && !(t->tree_size % IMAGE_BLOCK_SIZE) &&
           !(t->index_offset % IMAGE_BLOCK_SIZE) && t->data_size <= body && t->tree_size == body - t->data_size &&
           t->archive_size <= t->index_offset && t->index_offset - t->archive_size < IMAGE_BLOCK_SIZE &&
           t->index_size >= sizeof(struct image_index) &&
           within(t->index_offset, t->index_size, 1, t->data_size);
}

bool view_index_is_sane(const struct image_index *x, uint64_t index_size)
{
    return !memcmp(x->magic, IMAGE_INDEX_MAGIC, sizeof(x->magic)) && x->inode_count &&
           !(x->inodes % sizeof(uint64_t)) && !(x->entries % sizeof(uint32_t)) &&
           within(x->inodes, x->inode_count, sizeof(struct image_inode), index_size) &&
           within(x->entries, x->entry_count, sizeof(struct image_entry), index_size) &&
           within(x->names, x->names_size, 1, index_size) && index_size - x->names - x->names_size < sizeof(uint64_t);
}

int image_open(const void *map, size_t size, struct image_view *ret_view, const char **reason)
{
    struct image_trailer t;
    struct tree_plan plan;
    uint8_t digest[IMAGE_DIGEST_SIZE], superblock[IMAGE_BLOCK_SIZE];
    *reason = NULL;
    if (!trailer_at_end(map, size, &t)) {
        *reason = "not a sealed image, or its end is missing";
        return -EINVAL;
    }
    if (!layout_is_sane(&t, size) ||
        !is_zero((const uint8_t *)map + size - IMAGE_BLOCK_SIZE + sizeof(t), IMAGE_BLOCK_SIZE - sizeof(t)))
        return damaged(reason, "corrupt: its trailer does not fit its size (truncated or overwritten?)");
    if (tree_plan(t.data_size / IMAGE_BLOCK_SIZE, &plan) || t.tree_size != (1 + plan.blocks) * IMAGE_BLOCK_SIZE)
        return damaged(reason, "corrupt: the hash tree has the wrong size");
    static const char magic[] = {'0', '7', '0', '7', '0'}; // cpio(5), the new formats
    if (memcmp(map, magic, sizeof(magic)))
        return damaged(reason, "corrupt: its start is not that of a cpio archive (overwritten?)");
    const uint8_t *bytes = map, *hash_area = bytes + t.data_size;
    tree_superblock(&plan, t.root_hash, superblock);
    if (memcmp(superblock, hash_area, sizeof(superblock)))
        return damaged(reason, "corrupt: the hash tree's superblock is damaged");
    tree_hash_blocks(hash_area + IMAGE_BLOCK_SIZE, 1, digest);
    if (memcmp(digest, t.root_hash, sizeof(digest)))
        return damaged(reason, "corrupt: the hash tree does not match its root hash");
    struct image_view v = {
        .data = bytes,
        .data_size = t.data_size,
        .archive_size = t.archive_size,
        .index_offset = t.index_offset,
        .index_size = t.index_size,
        .tree = hash_area + IMAGE_BLOCK_SIZE,
        .tree_size = t.tree_size - IMAGE_BLOCK_SIZE,
    };
    memcpy(v.root_hash, t.root_hash, sizeof(v.root_hash));
    memcpy(&v.index, bytes + t.index_offset, sizeof(v.index));
    if (!view_index_is_sane(&v.index, v.index_size))
        return damaged(reason, "corrupt: the index's header is damaged");
    *ret_view = v;
    return 0;
}
