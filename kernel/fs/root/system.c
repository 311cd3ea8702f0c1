// SPDX-License-Identifier: MIT
//
// The system image: programs of our own (the attestation service), measured like everything else, invisible to the program.
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/boot/config.h"
#include "kernel/fs/root/image.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/open.h"
#include "kernel/vfs/open_file.h"

enum { NAME_LIMIT = 255 };

static struct mutex lock;
static struct verified_image *image; // opened at its first use

// The entry `name` (length bytes) of a directory.
static int find(const struct image_inode *directory, const char *name, size_t length, struct image_inode *ret)
{
    int r = 0;
    for (uint32_t i = 0; !r && i < directory->count; i++) {
        char entry_name[NAME_LIMIT + 1];
        struct image_entry e;
        r = image_entry(image, (uint32_t)directory->data + i, &e);
        if (!r)
            r = image_entry_name(image, &e, entry_name, NAME_LIMIT);
        if (!r && e.name_length == length && !memcmp(entry_name, name, length))
            return image_inode(image, e.inode, ret);
    }
    return r ? r : -ENOENT;
}

static int walk(const char *path, struct image_inode *ret)
{
    int r = image_inode(image, 0, ret);
    while (!r && *path) {
        size_t length = 0;
        while (path[length] && path[length] != '/')
            length++;
        const struct image_inode directory = *ret;
        if (length)
            r = S_TYPE(directory.mode) == S_IFDIR ? find(&directory, path, length, ret) : -ENOTDIR;
        path += length + (path[length] == '/');
    }
    return r;
}

// /proc/self/exe of a program has to be an absolute path: C libraries insist.
static void name_file(struct file *f, const char *path)
{
    size_t size = strlen(path) + 1;
    f->path = kmalloc(size);
    if (f->path)
        memcpy(f->path, path, size);
}

int system_image_open(const char *path, struct file **ret_file)
{
    struct image_inode i;
    mutex_lock(&lock);
    if (!image)
        image = image_open("system image", &config_get()->system, &boot_get()->system);
    mutex_unlock(&lock);
    if (!image)
        return -ENOENT;
    int r = walk(path, &i);
    if (r)
        return r;
    struct node *n = node_new(i.mode);
    if (!n)
        return -ENOMEM;
    n->size = i.size;
    n->content.in_image = true;
    n->content.image_offset = i.data;
    n->context = image;
    r = file_open_node(n, O_RDONLY, ret_file);
    node_put(n);
    if (!r)
        name_file(*ret_file, path);
    return r;
}
