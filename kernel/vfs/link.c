// SPDX-License-Identifier: MIT
#include "kernel/vfs/link.h"

#include <linux/errno.h>

#include "kernel/lib/klib.h"

struct node *link_new_computed(const struct link_ops *ops, void *context)
{
    struct node *n = node_new(S_IFLNK | 0777);
    if (n) {
        n->ops = (const struct file_ops *)(const void *)ops; // links are never opened: the field is free for this
        n->context = context;
    }
    return n;
}

static const struct link_ops *computed(const struct node *link)
{
    return (const struct link_ops *)(const void *)link->ops;
}

int link_target(struct node *link, char *to, size_t size)
{
    if (computed(link))
        return computed(link)->target(link, to, size);
    size_t n = strlen(link->target);
    if (n >= size)
        return -ENAMETOOLONG;
    memcpy(to, link->target, n + 1);
    return (int)n;
}

struct node *link_jump(struct node *link)
{
    return computed(link) && computed(link)->jump ? computed(link)->jump(link) : NULL;
}
