// SPDX-License-Identifier: MIT
#include "cli/archive/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/image/builder.h"
#include "lib/image/image.h"

static int fail(const char *path, const char *why)
{
    complain("%s: %s", path, why);
    return -1;
}

static int map_file(const char *path, struct archive_file *f)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0)
        return fail(path, strerror(errno));
    const char *why = NULL;
    void *map = NULL;
    if (fstat(fd, &st))
        why = strerror(errno);
    else if (!S_ISREG(st.st_mode))
        why = S_ISDIR(st.st_mode) ? "is a directory, not a root filesystem" : "is not a regular file";
    else if (!st.st_size)
        why = "is empty, not a root filesystem";
    else if ((map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
        why = strerror(errno);
    close(fd);
    if (why)
        return fail(path, why);
    *f = (struct archive_file){map, (size_t)st.st_size, (size_t)st.st_size};
    return 0;
}

// 0, or negative errno and perhaps a reason.
static int check(struct archive_file *f, bool contents, const char **reason)
{
    struct image_view view;
    uint8_t *index;
    size_t index_size;
    int r = 0;
    if (image_is_sealed(f->bytes, f->size)) {
        r = image_open(f->bytes, f->size, &view, reason);
        if (!r && contents)
            r = image_verify(&view, NULL, reason);
        if (r)
            return r;
        f->archive_size = view.archive_size;
    }
    // Also for a sealed file: what its maker sealed need not be an archive.
    r = index_build(f->bytes, f->archive_size, &index, &index_size, reason);
    if (!r)
        free(index);
    return r;
}

int archive_file_open(const char *path, bool contents, struct archive_file *ret)
{
    const char *reason = NULL;
    if (map_file(path, ret))
        return -1;
    int r = check(ret, contents, &reason);
    if (!r)
        return 0;
    archive_file_close(ret);
    return fail(path, reason ? reason : strerror(-r));
}

void archive_file_close(struct archive_file *f)
{
    if (f->bytes)
        munmap((void *)(uintptr_t)f->bytes, f->size);
    *f = (struct archive_file){0};
}
