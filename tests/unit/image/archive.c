// SPDX-License-Identifier: MIT
#include "tests/unit/image/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct archive *a, const void *p, size_t n)
{
    a->bytes = realloc(a->bytes, a->size + n + 4);
    if (n)
        memcpy(a->bytes + a->size, p, n);
    a->size += n;
    while (a->size % 4)
        a->bytes[a->size++] = 0;
}

void archive_add_raw(struct archive *a, const struct member *m, const char *name, size_t name_size)
{
    char header[111];
    snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", m->ino, m->mode, 0, 0,
             m->nlink ? m->nlink : 1, 1700000000, m->size, 8, 1, m->rdev_major, m->rdev_minor, (unsigned)name_size, 0);
    size_t at = a->size;
    append(a, header, 110);
    a->size = at + 110;
    append(a, name, name_size);
    append(a, m->data, m->size);
}

void archive_add(struct archive *a, const struct member *m)
{
    archive_add_raw(a, m, m->name, strlen(m->name) + 1);
}

void archive_end(struct archive *a)
{
    archive_add(a, &(struct member){.name = "TRAILER!!!"});
}

void archive_free(struct archive *a)
{
    free(a->bytes);
    *a = (struct archive){0};
}
