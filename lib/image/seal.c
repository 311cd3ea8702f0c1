// SPDX-License-Identifier: MIT
//
// Sealing: index, hash tree and trailer behind an archive.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/image/builder.h"
#include "lib/image/image.h"
#include "lib/image/tree.h"

struct layout {
    struct image_trailer t;
    struct tree_plan plan;
    uint64_t file_size;
};

static uint64_t to_block(uint64_t n)
{
    return (n + IMAGE_BLOCK_SIZE - 1) / IMAGE_BLOCK_SIZE * IMAGE_BLOCK_SIZE;
}

static int lay_out(struct layout *l, uint64_t archive_size, uint64_t index_size)
{
    *l = (struct layout){0};
    memcpy(l->t.magic, IMAGE_TRAILER_MAGIC, sizeof(l->t.magic));
    l->t.archive_size = archive_size;
    l->t.index_offset = to_block(archive_size);
    l->t.index_size = index_size;
    l->t.data_size = to_block(l->t.index_offset + index_size);
    int r = tree_plan(l->t.data_size / IMAGE_BLOCK_SIZE, &l->plan);
    if (r)
        return r;
    l->t.tree_size = (1 + l->plan.blocks) * IMAGE_BLOCK_SIZE;
    l->file_size = l->t.data_size + l->t.tree_size + IMAGE_BLOCK_SIZE;
    return 0;
}

// Fills in everything behind the archive; the memory there is zero.
static void write_sealed(uint8_t *image, struct layout *l, const uint8_t *index)
{
    uint8_t *superblock = image + l->t.data_size;
    memcpy(image + l->t.index_offset, index, l->t.index_size);
    tree_build(&l->plan, image, superblock + IMAGE_BLOCK_SIZE, l->t.root_hash);
    tree_superblock(&l->plan, l->t.root_hash, superblock);
    memcpy(image + l->file_size - IMAGE_BLOCK_SIZE, &l->t, sizeof(l->t));
}

int image_seal_memory(const void *archive, size_t size, void **ret_image, size_t *ret_size, const char **reason)
{
    uint8_t *index;
    size_t index_size;
    struct layout l;
    if (image_is_sealed(archive, size)) {
        *reason = "sealed already";
        return -EEXIST;
    }
    int r = index_build(archive, size, &index, &index_size, reason);
    if (r)
        return r;
    r = lay_out(&l, size, index_size);
    uint8_t *image = MAP_FAILED;
    if (!r) {
        image = mmap(NULL, l.file_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        r = image == MAP_FAILED ? -ENOMEM : 0;
    }
    if (!r) {
        memcpy(image, archive, size);
        write_sealed(image, &l, index);
    }
    free(index);
    if (r)
        return r;
    *ret_image = image;
    *ret_size = l.file_size;
    return 0;
}

void image_free(void *image, size_t size)
{
    if (image)
        munmap(image, size);
}

// The archive is intact; grows the file and writes through a shared map. Space is allocated first, so that a full disk is an
// error code and not a SIGBUS.
static int seal_mapped(int fd, struct layout *l, const uint8_t *index)
{
    int r = posix_fallocate(fd, (off_t)l->t.archive_size, (off_t)(l->file_size - l->t.archive_size));
    if (r)
        return -r;
    uint8_t *image = mmap(NULL, l->file_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (image == MAP_FAILED)
        return -errno;
    write_sealed(image, l, index);
    return munmap(image, l->file_size) ? -errno : 0;
}

int image_seal_fd(int fd, const char **reason)
{
    struct stat st;
    struct layout l;
    uint8_t *index;
    size_t index_size;
    *reason = NULL;
    if (fstat(fd, &st))
        return -errno;
    if (!S_ISREG(st.st_mode) || !st.st_size) {
        *reason = st.st_size ? "not a regular file" : "empty file";
        return -EINVAL;
    }
    size_t size = (size_t)st.st_size;
    void *archive = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (archive == MAP_FAILED)
        return -errno;
    int r = image_is_sealed(archive, size) ? -EEXIST : 0;
    if (r)
        *reason = "sealed already";
    else
        r = index_build(archive, size, &index, &index_size, reason);
    munmap(archive, size);
    if (r)
        return r;
    r = lay_out(&l, size, index_size);
    if (!r)
        r = seal_mapped(fd, &l, index);
    free(index);
    if (r && ftruncate(fd, st.st_size))
        return -errno;
    return r;
}
