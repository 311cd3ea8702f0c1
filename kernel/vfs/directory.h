// SPDX-License-Identifier: MIT
//
// Names in directories. The tree lock is held in all of these.
#pragma once

#include "kernel/vfs/node.h"

// A directory node below parent (its own parent when NULL).
struct node *directory_new(uint32_t mode, struct node *parent);
// Name -> node without a reference. 0, -ENOENT, -EIO, -ENOMEM.
int directory_find(struct node *dir, const char *name, size_t length, struct node **ret);
// Adds a name; the node's reference is taken. 0 or -ENOMEM. The name must be new.
int directory_add(struct node *dir, const char *name, size_t length, struct node *node);
// Removes a name and its reference.
void directory_remove(struct node *dir, const char *name, size_t length);
// Brings all entries of the image in, so that the directory can be listed and changed. 0, -EIO, -ENOMEM.
int directory_complete(struct node *dir);
bool directory_empty(const struct node *dir); // complete before
// For those who look through the entries of a directory (first, in_order) without the tree lock: entries stay meanwhile. A lock inside
// that of the watches (kernel/fs/event/watch.c), and outside that of an inotify queue only.
void directory_names_lock(void);
void directory_names_unlock(void);
// Entry with the smallest cookie > after, or NULL.
struct entry *directory_next(const struct node *dir, uint64_t after);
void directory_clear(struct node *dir); // all names go, for one that is made anew at every look
void directory_free(struct node *dir);

// Supplied by the root file system: the child of an image directory, by name or by number. New node, one reference.
struct image_source {
    int (*find)(uint32_t first, uint32_t count, const char *name, size_t length, uint32_t *ret_inode);
    int (*name)(uint32_t number, char *to, size_t room, uint32_t *ret_inode);
    int (*node)(uint32_t inode, struct node *parent, struct node **ret);
};
void directory_set_source(const struct image_source *source);
