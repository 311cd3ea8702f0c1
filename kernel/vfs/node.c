// SPDX-License-Identifier: MIT
#include "kernel/vfs/node.h"

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/object.h"
#include "kernel/time/time.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/special.h"
#include "kernel/vfs/xattr.h"

#define DAY_NS (86400l * 1000000000l)

static uint64_t next_ino = 1;

struct node *node_new(uint32_t mode)
{
    struct node *n = kzalloc(sizeof(*n));
    if (!n)
        return NULL;
    n->references = 1;
    n->mode = mode;
    n->nlink = 1;
    n->ino = __atomic_fetch_add(&next_ino, 1, __ATOMIC_RELAXED);
    return n;
}

struct node *node_get(struct node *n)
{
    __atomic_add_fetch(&n->references, 1, __ATOMIC_RELAXED);
    return n;
}

void node_put(struct node *n)
{
    if (!n || __atomic_sub_fetch(&n->references, 1, __ATOMIC_ACQ_REL))
        return;
    switch (S_TYPE(n->mode)) {
    case S_IFREG:
        content_free(n);
        object_free(n);
        break;
    case S_IFLNK:
        kfree(n->target);
        break;
    case S_IFDIR:
        directory_free(n);
        break;
    default:
        special_detach(n);
        break;
    }
    xattr_free(n->xattrs);
    kfree(n);
}

void node_touch(struct node *n)
{
    n->mtime_ns = n->ctime_ns = (int64_t)clock_realtime_ns();
}

void node_changed(struct node *n)
{
    n->ctime_ns = (int64_t)clock_realtime_ns();
}

// Devices and what the kernel makes up keep the times that they had.
void node_accessed(struct node *n)
{
    const uint32_t type = S_TYPE(n->mode);
    if (n->ops || (type != S_IFREG && type != S_IFDIR && type != S_IFLNK) || (type == S_IFDIR && n->directory.fixed) ||
        (type == S_IFLNK && n->context))
        return;
    const bool old = n->atime_ns <= n->mtime_ns || n->atime_ns <= n->ctime_ns;
    if (old || (int64_t)clock_realtime_lately_ns() - n->atime_ns >= DAY_NS)
        n->atime_ns = (int64_t)clock_realtime_ns();
}
