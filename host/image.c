// SPDX-License-Identifier: MIT
//
// What is read here decides nothing about trust: the root hash found in a sealed file goes into the measured configuration, so that
// another file is another MRENCLAVE, and the kernel checks every block against it. The checks below are for good messages.
#include "host/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/image/image.h"

static int refuse(const char *path, const char *reason, int error)
{
    fprintf(stderr, "myst: %s: %s\n", path, reason);
    return error;
}

static int map_file(const char *path, void **ret_map, size_t *ret_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        fprintf(stderr, "myst: cannot open the root filesystem %s: %s\n", path, strerror(error));
        return -error;
    }
    void *map = MAP_FAILED;
    const char *reason = NULL;
    if (S_ISDIR(st.st_mode))
        reason = "is a directory: make a root filesystem of it with 'myst mkcpio DIR FILE'";
    else if (!S_ISREG(st.st_mode))
        reason = "is not a regular file";
    else if (!st.st_size)
        reason = "is empty, not a root filesystem";
    else
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    int error = reason ? EINVAL : errno;
    close(fd);
    if (map == MAP_FAILED)
        return refuse(path, reason ? reason : strerror(error), -error);
    // Read in large pieces, and mapped by large pages where the file's cache is made of such: a hint.
    (void)madvise(map, (size_t)st.st_size, MADV_HUGEPAGE);
    *ret_map = map;
    *ret_size = (size_t)st.st_size;
    return 0;
}

static int explain(const char *path, int error, const char *what)
{
    char text[256];
    snprintf(text, sizeof(text), "not a usable root filesystem: %s", what ? what : strerror(-error));
    return refuse(path, text, error);
}

// Replaces the map of a plain archive by a sealed copy.
static int seal(const char *path, void **map, size_t *size)
{
    const char *reason = NULL;
    void *sealed;
    size_t sealed_size;
    int r = image_seal_memory(*map, *size, &sealed, &sealed_size, &reason);
    munmap(*map, *size);
    if (r)
        return explain(path, r, reason);
    *map = sealed;
    *size = sealed_size;
    return 0;
}

int image_file_open(const char *path, struct image_file *ret)
{
    void *map;
    size_t size;
    int r = map_file(path, &map, &size);
    if (!r && !image_is_sealed(map, size))
        r = seal(path, &map, &size);
    if (r)
        return r;
    const char *reason = NULL;
    struct image_view view;
    r = image_open(map, size, &view, &reason);
    if (r) {
        munmap(map, size);
        return explain(path, r, reason);
    }
    *ret = (struct image_file){
        .run = {.data = view.data, .tree = view.tree, .tree_size = view.tree_size},
        .measured = {.data_size = view.data_size, .index_offset = view.index_offset, .index_size = view.index_size},
        .map = map,
        .map_size = size,
    };
    memcpy(ret->measured.root_hash, view.root_hash, sizeof(view.root_hash));
    return 0;
}

void image_file_close(struct image_file *f)
{
    if (f->map)
        munmap(f->map, f->map_size);
    *f = (struct image_file){0};
}
