// SPDX-License-Identifier: MIT
#include "kernel/fs/root/root.h"

#include <linux/errno.h>

#include "kernel/fs/root/image.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/special.h"

enum { NAME_LIMIT = 255, TARGET_LIMIT = 4095, NODE_CACHE_BUCKETS = 64 };
#define NS_PER_SECOND 1000000000ul

static struct verified_image *image;

// Hard links: one node per linked inode, kept for good (there are few).
struct linked {
    struct linked *next;
    uint32_t inode;
    struct node *node;
};
static struct linked *linked_nodes[NODE_CACHE_BUCKETS];

static struct node *find_linked(uint32_t inode)
{
    struct linked *l = linked_nodes[inode % NODE_CACHE_BUCKETS];
    while (l && l->inode != inode)
        l = l->next;
    return l ? l->node : NULL;
}

static int remember_linked(uint32_t inode, struct node *n)
{
    struct linked *l = kmalloc(sizeof(*l));
    if (!l)
        return -ENOMEM;
    *l = (struct linked){linked_nodes[inode % NODE_CACHE_BUCKETS], inode, node_get(n)};
    linked_nodes[inode % NODE_CACHE_BUCKETS] = l;
    return 0;
}

static int set_target(struct node *n, const struct image_inode *i)
{
    if (i->size > TARGET_LIMIT)
        return -EIO;
    n->target = kzalloc(i->size + 1);
    if (!n->target)
        return -ENOMEM;
    return image_read(image, n->target, i->data, i->size);
}

static int fill_node(struct node *n, const struct image_inode *i)
{
    n->uid = i->uid;
    n->gid = i->gid;
    n->nlink = i->nlink;
    n->size = i->size;
    n->rdev = i->rdev;
    n->atime_ns = n->mtime_ns = n->ctime_ns = (int64_t)(i->mtime * NS_PER_SECOND);
    switch (S_TYPE(n->mode)) {
    case S_IFDIR:
        n->size = 4096;
        n->directory.image_first = (uint32_t)i->data;
        n->directory.image_count = i->count;
        n->directory.complete = !i->count;
        return 0;
    case S_IFREG:
        n->content.in_image = true;
        n->content.image_offset = i->data;
        return 0;
    case S_IFLNK:
        return set_target(n, i);
    default:
        n->size = 0;
        return special_attach(n);
    }
}

static int make_node(uint32_t number, struct node *parent, struct node **ret)
{
    struct node *known = find_linked(number);
    if (known) {
        *ret = node_get(known);
        return 0;
    }
    struct image_inode i;
    int r = image_inode(image, number, &i);
    if (r)
        return r;
    bool dir = S_TYPE(i.mode) == S_IFDIR;
    struct node *n = dir ? directory_new(i.mode & 07777, parent) : node_new(i.mode);
    if (!n)
        return -ENOMEM;
    r = fill_node(n, &i);
    if (!r && !dir && i.nlink > 1)
        r = remember_linked(number, n);
    if (r) {
        node_put(n);
        return r;
    }
    *ret = n;
    return 0;
}

static int name_of(uint32_t number, char *to, size_t room, uint32_t *ret_inode)
{
    struct image_entry e;
    int r = image_entry(image, number, &e);
    if (!r && !e.name_length)
        r = -EIO;
    if (!r)
        r = image_entry_name(image, &e, to, room);
    if (r)
        return r;
    *ret_inode = e.inode;
    return (int)e.name_length;
}

static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int c = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return c ? c : a_length < b_length ? -1 : a_length > b_length;
}

static int find(uint32_t first, uint32_t count, const char *name, size_t length, uint32_t *ret_inode)
{
    char candidate[NAME_LIMIT];
    while (count) {
        uint32_t half = count / 2;
        int n = name_of(first + half, candidate, sizeof(candidate), ret_inode);
        if (n < 0)
            return n;
        int c = compare(name, length, candidate, (size_t)n);
        if (!c)
            return 0;
        if (c > 0) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return -ENOENT;
}

static const struct image_source source = {find, name_of, make_node};

struct node *root_mount(struct verified_image *im)
{
    struct node *root = NULL;
    image = im;
    content_set_image(im);
    directory_set_source(&source);
    if (make_node(0, NULL, &root) || S_TYPE(root->mode) != S_IFDIR)
        return NULL;
    return root;
}
