// SPDX-License-Identifier: MIT
//
// Inside lib/image: checked access to the parts of an index.
#pragma once

#include "lib/image/image.h"

bool view_index_is_sane(const struct image_index *x, uint64_t index_size);
// Copies an inode or entry after checking number and contents against the image. 0 or -EBADMSG.
int view_inode(const struct image_view *v, uint64_t number, struct image_inode *ret);
int view_entry(const struct image_view *v, uint64_t number, struct image_entry *ret, const char **ret_name);
