// SPDX-License-Identifier: MIT
//
// Verified reading of an image that lies in untrusted memory.
//
// What a hostile host can try here, and the answer:
// - change bytes of the image or of the tree, before or while they are read: a block is copied into the enclave first, and the
//   copy is hashed and compared with its parent, up to the root hash in the measured configuration. A block that fails never
//   becomes valid; the read gives -EIO.
// - unmap or truncate the file under us: the access faults and the enclave stops.
#include "kernel/fs/root/image.h"

#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/boot/config.h"
#include "kernel/crypto/crypto.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/trace/log.h"

enum { LEVELS = 8, CLUSTER = 16, PASSING = CLUSTER + 1 };

struct area { // a lazily filled mirror of untrusted blocks in kernel memory
    uint64_t source; // untrusted address
    uint64_t blocks;
    uint8_t *mirror;
    uint8_t **states; // pages of one byte per block, made when needed: start-up does not grow with the image
};
enum { COMMITTED = 1, VALID = 2 };

struct level {
    uint64_t first; // first block of the level in the tree area
    uint64_t count;
};

struct verified_image {
    const char *name;
    struct area data, tree;
    struct level levels[LEVELS]; // 0: digests of data blocks
    unsigned level_count;
    uint8_t root[IMAGE_DIGEST_SIZE];
    uint64_t index_offset, index_size;
    struct image_index index;
    struct mutex fill_lock; // filling; valid blocks are read without it
    uint8_t *passing;       // PASSING blocks on their way through; under fill_lock
};

static int area_init(struct area *a, uint64_t source, uint64_t blocks)
{
    *a = (struct area){.source = source, .blocks = blocks};
    a->mirror = kpages_reserve(blocks);
    a->states = kzalloc((blocks / PAGE_SIZE + 1) * sizeof(*a->states));
    return a->mirror && a->states ? 0 : -ENOMEM;
}

static uint8_t *state_of(const struct area *a, uint64_t block)
{
    uint8_t *page = __atomic_load_n(&a->states[block / PAGE_SIZE], __ATOMIC_ACQUIRE);
    return page ? &page[block % PAGE_SIZE] : NULL;
}

static bool is_valid(const struct area *a, uint64_t block)
{
    const uint8_t *s = state_of(a, block);
    return s && (__atomic_load_n(s, __ATOMIC_ACQUIRE) & VALID);
}

// Makes the state bytes exist. The fill lock is held.
static int need_states(struct area *a, uint64_t block)
{
    uint8_t **page = &a->states[block / PAGE_SIZE];
    if (*page)
        return 0;
    uint8_t *fresh = kpages_alloc(1);
    if (!fresh)
        return -ENOMEM;
    __atomic_store_n(page, fresh, __ATOMIC_RELEASE);
    return 0;
}

static bool is_committed(const struct area *a, uint64_t block)
{
    const uint8_t *s = state_of(a, block);
    return s && (*s & COMMITTED);
}

// Commits mirror memory for blocks of one cluster: for those that are wanted, or for the rest of the cluster where somebody reads on
// and on. The fill lock is held.
static int commit_blocks(struct area *a, uint64_t block, uint64_t wanted)
{
    uint64_t start = block, limit = block - block % CLUSTER + CLUSTER;
    uint64_t end = block % CLUSTER && is_committed(a, block - 1) ? limit : block + wanted;
    end = end < a->blocks ? end : a->blocks;
    int r = need_states(a, block);
    while (!r && start < end) {
        uint64_t stop = start;
        while (stop < end && !is_committed(a, stop))
            stop++;
        if (stop > start)
            r = kpages_commit(a->mirror + start * PAGE_SIZE, stop - start);
        for (; !r && start < stop; start++)
            *state_of(a, start) |= COMMITTED;
        start = stop + 1;
    }
    return r;
}

static void set_valid(struct area *a, uint64_t block)
{
    uint8_t *s = state_of(a, block);
    __atomic_store_n(s, *s | VALID, __ATOMIC_RELEASE);
}

static int plan_levels(struct verified_image *im)
{
    uint64_t count = im->data.blocks, total = 0;
    do {
        if (im->level_count == LEVELS)
            return -EIO;
        count = (count + IMAGE_DIGESTS_PER_BLOCK - 1) / IMAGE_DIGESTS_PER_BLOCK;
        im->levels[im->level_count++].count = count;
        total += count;
    } while (count > 1);
    if (total > im->tree.blocks)
        return -EIO;
    for (unsigned l = im->level_count; l-- > 0;) { // stored top level first
        im->levels[l].first = l + 1 < im->level_count ? im->levels[l + 1].first + im->levels[l + 1].count : 0;
    }
    return 0;
}

// The digest that block `number` of what stands below `level` must have; its tree block is verified on the way.
static int expected_digest(struct verified_image *im, unsigned level, uint64_t number, const uint8_t **ret);

static int load_tree_block(struct verified_image *im, unsigned level, uint64_t number)
{
    uint64_t block = im->levels[level].first + number;
    if (is_valid(&im->tree, block))
        return 0;
    const uint8_t *expected;
    int r = expected_digest(im, level + 1, number, &expected);
    if (!r)
        r = commit_blocks(&im->tree, block, 1);
    if (r)
        return r;
    uint8_t digest[IMAGE_DIGEST_SIZE], *copy = im->tree.mirror + block * PAGE_SIZE;
    host_read(copy, im->tree.source + block * PAGE_SIZE, PAGE_SIZE);
    sha256_blocks(copy, 1, digest);
    if (memcmp(digest, expected, sizeof(digest)))
        return -EIO;
    set_valid(&im->tree, block);
    return 0;
}

static int expected_digest(struct verified_image *im, unsigned level, uint64_t number, const uint8_t **ret)
{
    if (level == im->level_count) { // above the top block stands the measured root
        *ret = im->root;
        return 0;
    }
    uint64_t parent = number / IMAGE_DIGESTS_PER_BLOCK;
    int r = load_tree_block(im, level, parent);
    *ret = im->tree.mirror + (im->levels[level].first + parent) * PAGE_SIZE +
           number % IMAGE_DIGESTS_PER_BLOCK * IMAGE_DIGEST_SIZE;
    return r;
}

// Copies and verifies up to a cluster of blocks from `block` on; all that pass become valid.
static int fill(struct verified_image *im, uint64_t block, uint64_t wanted)
{
    uint8_t digests[CLUSTER][IMAGE_DIGEST_SIZE];
    uint64_t n = 0, room = CLUSTER - block % CLUSTER;
    while (n < wanted && n < room && block + n < im->data.blocks && !is_valid(&im->data, block + n))
        n++;
    int r = commit_blocks(&im->data, block, n);
    if (r)
        return r;
    uint8_t *copy = im->data.mirror + block * PAGE_SIZE;
    host_read(copy, im->data.source + block * PAGE_SIZE, n * PAGE_SIZE);
    sha256_blocks(copy, n, digests[0]);
    for (uint64_t i = 0; i < n; i++) {
        const uint8_t *expected;
        r = expected_digest(im, 0, block + i, &expected);
        if (r || memcmp(digests[i], expected, IMAGE_DIGEST_SIZE))
            return i && !r ? 0 : -EIO; // the caller comes back for the bad one
        set_valid(&im->data, block + i);
    }
    return 0;
}

static int make_valid(struct verified_image *im, uint64_t first, uint64_t last)
{
    int r = 0;
    for (uint64_t b = first; !r && b <= last; b++) {
        if (is_valid(&im->data, b))
            continue;
        mutex_lock(&im->fill_lock);
        if (!is_valid(&im->data, b))
            r = fill(im, b, last - b + 1);
        mutex_unlock(&im->fill_lock);
    }
    return r;
}

int image_read(struct verified_image *im, void *to, uint64_t offset, size_t size)
{
    uint64_t end = im->data.blocks * PAGE_SIZE;
    if (offset > end || size > end - offset)
        return -EIO;
    if (!size)
        return 0;
    int r = make_valid(im, offset / PAGE_SIZE, (offset + size - 1) / PAGE_SIZE);
    if (!r)
        memcpy(to, im->data.mirror + offset, size);
    return r;
}

static bool all_valid(const struct verified_image *im, uint64_t offset, size_t size)
{
    for (uint64_t b = offset / PAGE_SIZE; b <= (offset + size - 1) / PAGE_SIZE; b++)
        if (!is_valid(&im->data, b))
            return false;
    return true;
}

const void *image_peek(const struct verified_image *im, uint64_t offset, size_t size)
{
    uint64_t end = im->data.blocks * PAGE_SIZE;
    bool within = size && offset <= end && size <= end - offset;
    return within && all_valid(im, offset, size) ? im->data.mirror + offset : NULL;
}

// Whether blocks have the digests that they should have. The fill lock is held.
static int compare_blocks(struct verified_image *im, uint8_t digests[][IMAGE_DIGEST_SIZE], uint64_t first, uint64_t count)
{
    int r = 0;
    for (uint64_t i = 0; !r && i < count; i++) {
        const uint8_t *expected;
        r = expected_digest(im, 0, first + i, &expected);
        if (!r && memcmp(digests[i], expected, IMAGE_DIGEST_SIZE))
            r = -EIO;
    }
    return r;
}

// At most CLUSTER whole blocks, verified where they go.
static int pass_blocks(struct verified_image *im, void *to, uint64_t first, uint64_t count)
{
    uint8_t digests[CLUSTER][IMAGE_DIGEST_SIZE];
    host_read(to, im->data.source + first * PAGE_SIZE, count * PAGE_SIZE);
    sha256_blocks(to, count, digests[0]);
    mutex_lock(&im->fill_lock);
    int r = compare_blocks(im, digests, first, count);
    mutex_unlock(&im->fill_lock);
    return r;
}

// Bytes of at most PASSING blocks, which are verified aside: not all that they hold is wanted. The fill lock is held.
static int pass_bytes(struct verified_image *im, void *to, uint64_t offset, size_t size)
{
    uint8_t digests[PASSING][IMAGE_DIGEST_SIZE];
    uint64_t first = offset / PAGE_SIZE, count = (offset + size - 1) / PAGE_SIZE - first + 1;
    if (!im->passing)
        im->passing = kpages_alloc(PASSING);
    if (!im->passing)
        return -ENOMEM;
    host_read(im->passing, im->data.source + first * PAGE_SIZE, count * PAGE_SIZE);
    sha256_blocks(im->passing, count, digests[0]);
    int r = compare_blocks(im, digests, first, count);
    if (!r)
        memcpy(to, im->passing + offset % PAGE_SIZE, size);
    return r;
}

static int pass_part(struct verified_image *im, void *to, uint64_t offset, size_t size)
{
    if (all_valid(im, offset, size)) {
        memcpy(to, im->data.mirror + offset, size);
        return 0;
    }
    if (offset % PAGE_SIZE == 0 && size % PAGE_SIZE == 0)
        return pass_blocks(im, to, offset / PAGE_SIZE, size / PAGE_SIZE);
    mutex_lock(&im->fill_lock);
    int r = pass_bytes(im, to, offset, size);
    mutex_unlock(&im->fill_lock);
    return r;
}

int image_pass(struct verified_image *im, void *to, uint64_t offset, size_t size)
{
    uint64_t end = im->data.blocks * PAGE_SIZE;
    int r = offset > end || size > end - offset ? -EIO : 0;
    for (size_t done = 0; !r && done < size;) {
        size_t part = size - done < CLUSTER * PAGE_SIZE ? size - done : CLUSTER * PAGE_SIZE;
        if (part > PAGE_SIZE)
            part &= ~(PAGE_SIZE - 1); // the end of a file, which is not a whole block, by itself
        r = pass_part(im, (uint8_t *)to + done, offset + done, part);
        done += part;
    }
    return r;
}

static int read_index(struct verified_image *im, void *to, uint64_t offset, size_t size)
{
    if (offset > im->index_size || size > im->index_size - offset)
        return -EIO;
    return image_read(im, to, im->index_offset + offset, size);
}

int image_inode(struct verified_image *im, uint32_t number, struct image_inode *ret)
{
    return number < im->index.inode_count ? read_index(im, ret, im->index.inodes + number * sizeof(*ret), sizeof(*ret)) : -EIO;
}

int image_entry(struct verified_image *im, uint32_t number, struct image_entry *ret)
{
    return number < im->index.entry_count ? read_index(im, ret, im->index.entries + number * sizeof(*ret), sizeof(*ret)) : -EIO;
}

int image_entry_name(struct verified_image *im, const struct image_entry *e, char *to, size_t room)
{
    if (e->name_length > room || e->name > im->index.names_size || e->name_length > im->index.names_size - e->name)
        return -EIO;
    return read_index(im, to, im->index.names + e->name, e->name_length);
}

struct verified_image *image_open(const char *name, const struct config_image *config, const struct boot_image *boot)
{
    if (!config->data_size || config->data_size % PAGE_SIZE)
        return NULL;
    struct verified_image *im = kzalloc(sizeof(*im));
    if (!im)
        return NULL;
    im->name = name;
    memcpy(im->root, config->root_hash, sizeof(im->root));
    im->index_offset = config->index_offset;
    im->index_size = config->index_size;
    int r = area_init(&im->data, boot->data, config->data_size / PAGE_SIZE);
    if (!r)
        r = area_init(&im->tree, boot->tree, boot->tree_size / PAGE_SIZE);
    if (!r)
        r = plan_levels(im);
    if (!r)
        r = read_index(im, &im->index, 0, sizeof(im->index));
    if (!r && memcmp(im->index.magic, IMAGE_INDEX_MAGIC, sizeof(im->index.magic)))
        r = -EIO;
    char start; // nothing else reads it, and a file that was overwritten from its start should not pass for whole
    if (!r)
        r = image_read(im, &start, 0, sizeof(start));
    if (!r)
        return im;
    log_line("myst: the %s does not match its measured hash", name);
    kfree(im->data.states);
    kfree(im->tree.states);
    kfree(im);
    return NULL;
}
