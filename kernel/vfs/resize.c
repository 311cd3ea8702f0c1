// SPDX-License-Identifier: MIT
#include "kernel/vfs/resize.h"

#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/inotify.h>

#include "kernel/mm/object.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/seal.h"
#include "kernel/vfs/size_limit.h"

static int resize(struct node *n, uint64_t size)
{
    int r = seal_check_size(n, size);
    if (!r)
        r = size_limit_grow(n, size);
    return r ? r : content_truncate(n, size);
}

// With the size kept, what is allocated lies ready behind the end.
static int allocate(struct node *n, uint64_t offset, uint64_t size, bool keep_size)
{
    uint64_t end = offset + size;
    int r = end > n->size ? seal_check_size(n, end) : 0;
    if (!r && !keep_size)
        r = size_limit_grow(n, end);
    if (!r)
        r = content_allocate(n, offset, size);
    if (!r && !keep_size && end > n->size)
        n->size = end;
    return r;
}

static int punch(struct node *n, uint64_t offset, uint64_t size)
{
    int r = offset < n->size ? seal_check_write(n, offset, 1) : 0;
    return r ? r : content_punch(n, offset, size);
}

static int change(struct node *n, int mode, uint64_t offset, uint64_t size)
{
    switch (mode) {
    case 0:
    case FALLOC_FL_KEEP_SIZE:
        return allocate(n, offset, size, mode);
    case FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE:
        return punch(n, offset, size);
    default:
        return -EOPNOTSUPP;
    }
}

static int leave(struct node *n, int r)
{
    if (!r) {
        n->mode = mode_after_write(n->mode);
        node_touch(n);
    }
    object_leave(n);
    if (!r)
        notify_node(n, IN_MODIFY);
    return r;
}

int node_resize(struct node *n, uint64_t size)
{
    object_enter(n);
    return leave(n, resize(n, size));
}

int node_allocate(struct node *n, int mode, uint64_t offset, uint64_t size)
{
    object_enter(n);
    return leave(n, change(n, mode, offset, size));
}
