// SPDX-License-Identifier: MIT
//
// The file tree: walking paths and changing names. Every function takes the tree lock itself.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kernel/vfs/node.h"

enum { TREE_PATH_MAX = 4096, TREE_NAME_MAX = 255, TREE_LINKS_MAX = 40 };

enum walk_flags {
    WALK_FOLLOW = 1,    // a symbolic link at the end is followed
    WALK_DIRECTORY = 2, // the end must be a directory
};

void tree_set_root(struct node *root);
struct node *tree_root(void);
struct node *tree_own_root(void); // of the current process

// The node at path (from the process's root, or from base for relative paths). Gives a reference.
int tree_walk(struct node *base, const char *path, unsigned flags, struct node **ret);
// The same; *ret_links: how many symbolic links were on the way.
int tree_walk_counting(struct node *base, const char *path, unsigned flags, struct node **ret, unsigned *ret_links);

// The directory and last component of a path whose last component need not exist (place.h).
struct tree_place {
    struct node *dir;
    char name[TREE_NAME_MAX + 1];
    size_t length;
    bool must_be_directory; // the path ended in a slash
};

// Finds or creates a regular file for open(2) with O_CREAT. created says which.
int tree_create(struct node *base, const char *path, unsigned mode, bool exclusive, bool follow, struct node **ret, bool *ret_created);
// A regular file of the current user without a name, for a file system's directory. NULL: out of memory.
struct node *tree_nameless(const struct node *dir, unsigned mode);
int tree_make(struct node *base, const char *path, unsigned mode, unsigned rdev); // mkdir, mknod
int tree_symlink(struct node *base, const char *path, const char *target);
int tree_link(struct node *node, struct node *base, const char *path);
int tree_unlink(struct node *base, const char *path, bool directory);
int tree_rename(struct node *old_base, const char *old, struct node *new_base, const char *new, unsigned flags);
// Absolute path of a directory, as the current process sees it; length or -errno.
int tree_path(struct node *dir, char *to, size_t size);

void tree_lock(void);
void tree_unlock(void);
