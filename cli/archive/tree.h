// SPDX-License-Identifier: MIT
//
// The directory that mkcpio packs: its entries in the order of the archive, and where their content comes from.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct node {
    char *path;    // in the root filesystem, without leading slash; empty for the root
    char *source;  // on this machine; NULL: made up
    char *target;  // of a symbolic link
    bool examined; // libraries_complete looked at it
    struct stat st;
    long time; // in the archive: 0, or what bytecode.h says
};

struct tree {
    struct node **nodes; // sorted by path; a directory stands before what is in it
    size_t count, room;
};

// Reads a directory. Whatever is the file `skip` (may be NULL) is left out. 0, or -1 after one line on stderr.
int tree_read(struct tree *t, const char *directory, const struct stat *skip);
void tree_free(struct tree *t);

// The node at an absolute path, symbolic links followed inside the tree; NULL when there is none.
struct node *tree_find(const struct tree *t, const char *path);

// Adds a regular file of this machine at an absolute path, with the directories that lead there; symbolic links on the way are followed.
// *ret is the new node. 0, or -1 after one line on stderr.
int tree_add_file(struct tree *t, const char *path, const char *source, struct node **ret);
// Adds an empty directory unless something is there.
int tree_add_directory(struct tree *t, const char *path, mode_t mode);
