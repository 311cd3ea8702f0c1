// SPDX-License-Identifier: MIT
//
// The system image: programs of our own (the attestation service), measured like everything else, invisible to the program.
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/boot/config.h"
#include "kernel/fs/root/image.h"
#include "kernel/lib/klib.h"
#include "kernel/sync/sync.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/node.h"

enum { NAME_LIMIT = 255 };

static struct mutex lock;
static struct verified_image *image; // opened at its first use

static int find(const char *name, struct image_inode *ret)
{
    struct image_inode root;
    int r = image_inode(image, 0, &root);
    for (uint32_t i = 0; !r && i < root.count; i++) {
        char entry_name[NAME_LIMIT + 1];
        struct image_entry e;
        r = image_entry(image, (uint32_t)root.data + i, &e);
        if (!r)
            r = image_entry_name(image, &e, entry_name, NAME_LIMIT);
        if (!r && e.name_length == strlen(name) && !memcmp(entry_name, name, e.name_length))
            return image_inode(image, e.inode, ret);
    }
    return r ? r : -ENOENT;
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
    int r = find(path[0] == '/' ? path + 1 : path, &i);
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
    return r;
}
