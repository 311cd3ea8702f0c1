// SPDX-License-Identifier: MIT
//
// A sealed image (abi/image.h) as the kernel reads it: every block is verified when it is first needed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/boot.h"
#include "abi/config.h"
#include "abi/image.h"

struct verified_image;

// Prepares an image; reads nothing but the index header. NULL after a line on stderr when that is not what was measured.
struct verified_image *image_open(const char *name, const struct config_image *config, const struct boot_image *boot);

// Copies verified bytes. 0, -EIO (hash mismatch, or outside the image), -ENOMEM.
int image_read(struct verified_image *image, void *to, uint64_t offset, size_t size);

// The bytes where they are kept for good, if all of them are verified already; else NULL.
const void *image_peek(const struct verified_image *image, uint64_t offset, size_t size);

// The same as image_read for bytes that their reader keeps (mapped files): nothing is kept here. They are verified at `to`, which no
// program may be able to write; after an error it holds anything.
int image_pass(struct verified_image *image, void *to, uint64_t offset, size_t size);

// The index. Values are bounds-checked here.
int image_inode(struct verified_image *image, uint32_t number, struct image_inode *ret);
int image_entry(struct verified_image *image, uint32_t number, struct image_entry *ret);
// Compares or copies an entry's name. memcmp order, shorter first.
int image_entry_name(struct verified_image *image, const struct image_entry *e, char *to, size_t room);
