// SPDX-License-Identifier: MIT
//
// Nodes (inodes) of the file tree. The tree is one: the root filesystem below, memory above it, devices and /proc in it.
//
// Rules: the tree lock (tree.h) guards names, children, link counts and attributes; node->data_lock guards file content. A node
// lives while it has references: names and open files.
#pragma once

#include <linux/stat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sync/sync.h"

struct file;
struct file_ops;
struct node;

struct entry { // a name in a directory
    struct entry *next;    // in its hash bucket
    struct entry *in_order; // directory order, for getdents
    struct node *node;
    uint64_t cookie; // stable position for getdents
    uint32_t hash;
    uint16_t length;
    char name[];
};

struct directory {
    struct entry **buckets;
    uint32_t bucket_count, count;
    struct entry *first, *last;
    uint64_t next_cookie;
    uint32_t image_first, image_count; // entries still only in the image
    bool complete;                     // all image entries have been brought in
    struct node *parent;               // ".."; counted only while holds_parent: after its name was removed
    bool holds_parent;
    bool fixed;                        // a directory of the kernel's: names are neither made nor removed
    const char *name;                  // its own name, for getcwd; owned by its entry
    void (*refresh)(struct node *);    // directories made on demand (/proc/self/fd)
    bool (*permits)(const struct node *); // lets somebody in whom mode bits keep out
};

struct content { // of a regular file
    bool in_image;         // still the image's bytes: image_offset, size
    bool damage_said;      // that they do not match their hash; once
    uint64_t image_offset;
    uint8_t **pages;       // memory: one pointer per page, NULL = hole
    size_t page_slots;
    size_t present;        // how many of them are not holes
};

struct node {
    uint32_t references;
    uint32_t mode, uid, gid, nlink, rdev;
    uint64_t ino, size;
    int32_t users; // kernel/vfs/text_busy.c; atomic
    bool nameless; // O_TMPFILE: may be given a first name by link
    uint32_t seals; // F_SEAL_* of a memory file, and SEALS_KEPT; guarded by data_lock (kernel/vfs/seal.h)
    int64_t atime_ns, mtime_ns, ctime_ns; // since 1970
    struct mutex data_lock;
    union {
        struct directory directory;
        struct content content;
        char *target; // symlink
    };
    const struct file_ops *ops; // what an open file of it does; NULL: by type
    void *context;              // of a device or generated file
    struct file_lock *locks;    // kernel/vfs/lock.c
    struct lease *leases;       // kernel/vfs/lease.c
    uint32_t opens;             // open files of it; atomic
    struct xattr *xattrs;       // kernel/vfs/xattr.c; guarded by the tree lock
    struct object *object;      // copies of a regular file's pages in shared mappings (kernel/mm/object.h); set once
};

#define S_TYPE(mode) ((mode) & S_IFMT)

struct node *node_new(uint32_t mode); // one reference; NULL when out of memory
struct node *node_get(struct node *n);
void node_put(struct node *n);
void node_touch(struct node *n); // mtime and ctime are now
void node_changed(struct node *n); // ctime is
// It was read: atime is now, where it tells least of what Linux's relatime keeps (man 8 mount).
void node_accessed(struct node *n);
