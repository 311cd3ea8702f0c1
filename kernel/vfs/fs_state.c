// SPDX-License-Identifier: MIT
#include "kernel/vfs/fs_state.h"

#include <linux/errno.h>

#include "kernel/mm/heap.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/tree.h"

enum { DEFAULT_UMASK = 022 };

int fs_state_new(struct fs_state **ret_fs)
{
    struct fs_state *fs = kzalloc(sizeof(*fs));
    if (!fs)
        return -ENOMEM;
    *fs = (struct fs_state){.references = 1, .cwd = node_get(tree_root()), .root = node_get(tree_root()), .umask = DEFAULT_UMASK};
    *ret_fs = fs;
    return 0;
}

struct fs_state *fs_state_get(struct fs_state *fs)
{
    __atomic_add_fetch(&fs->references, 1, __ATOMIC_RELAXED);
    return fs;
}

void fs_state_put(struct fs_state *fs)
{
    if (!fs || __atomic_sub_fetch(&fs->references, 1, __ATOMIC_ACQ_REL))
        return;
    node_put(fs->cwd);
    node_put(fs->root);
    kfree(fs);
}

int fs_state_copy(struct fs_state *from, struct fs_state **ret_fs)
{
    int r = fs_state_new(ret_fs);
    if (r)
        return r;
    node_put((*ret_fs)->cwd);
    node_put((*ret_fs)->root);
    tree_lock();
    (*ret_fs)->cwd = node_get(from->cwd);
    (*ret_fs)->root = node_get(from->root);
    tree_unlock();
    (*ret_fs)->umask = from->umask;
    return 0;
}
