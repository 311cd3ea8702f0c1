// SPDX-License-Identifier: MIT
//
// Makes newc archives for the image tests.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct archive {
    uint8_t *bytes;
    size_t size;
};

struct member {
    const char *name;
    uint32_t mode, ino, nlink, rdev_major, rdev_minor;
    const void *data;
    uint32_t size;
};

void archive_add(struct archive *a, const struct member *m);
void archive_add_raw(struct archive *a, const struct member *m, const char *name, size_t name_size);
void archive_end(struct archive *a);
void archive_free(struct archive *a);
