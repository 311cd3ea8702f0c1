// SPDX-License-Identifier: MIT
//
// Content of regular files: the image's verified bytes until the first change, pages in memory afterwards.
#pragma once

#include "kernel/vfs/node.h"

struct verified_image;

// The image that nodes with in_image refer to is one: the root filesystem's, or the node's context when that is set.
void content_set_image(struct verified_image *root);

// Pages that are mapped shared may be newer than what is kept here (kernel/mm/object.h); these see to it. Callers of
// content_write, content_truncate, content_allocate and content_punch are between object_enter and object_leave.
long content_read(struct node *n, void *to, size_t size, uint64_t offset);
// Bytes that stay where and as they are, at *ret: those of the image that are verified already. How many, size or as far as the file goes;
// 0: they have to be read.
size_t content_peek(struct node *n, size_t size, uint64_t offset, const void **ret);
// The same as content_read for a reader that keeps the bytes, as a mapping does.
long content_map(struct node *n, void *to, size_t size, uint64_t offset);
long content_write(struct node *n, const void *from, size_t size, uint64_t offset);
int content_truncate(struct node *n, uint64_t size);
int content_allocate(struct node *n, uint64_t offset, uint64_t size); // fills holes
int content_punch(struct node *n, uint64_t offset, uint64_t size);    // makes one, as far as the file goes
void content_free(struct node *n);
// Where its bytes are, while they are the image's.
bool content_image_place(const struct node *n, const void **ret_image, uint64_t *ret_offset);
uint64_t content_pages(const struct node *n); // pages in memory
// What is kept here, for kernel/mm/object.c: data_lock is held, copies are not looked at.
long content_map_locked(struct node *n, void *to, size_t size, uint64_t offset);
long content_store(struct node *n, const void *from, size_t size, uint64_t offset);
bool content_is_hole(const struct node *n, uint64_t offset, uint64_t size); // nothing was ever written there
