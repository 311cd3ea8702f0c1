// SPDX-License-Identifier: MIT
//
// openat2(2): open with rules about where the path may lead. There is one file system, so that RESOLVE_NO_XDEV refuses nothing, and what
// is to be known of a path is always at hand (RESOLVE_CACHED).
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>

#include "kernel/mm/heap.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/open.h"
#include "kernel/vfs/resolve.h"
#include "kernel/vfs/tree.h"

#define HOW_MOST 4096u
#define RULES (RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED)
#define FLAGS_OF_PATH ((uint64_t)(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
#define FLAGS_MAKING ((uint64_t)(O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
#define FLAGS_KNOWN                                                                                                                        \
    (FLAGS_OF_PATH | FLAGS_MAKING |                                                                                                        \
     (uint64_t)(O_ACCMODE | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | FASYNC | O_DIRECT |                   \
                0100000 /* O_LARGEFILE */ | O_NOATIME))

static int get_how(struct open_how *how, const void USER *from, size_t size)
{
    if (size < sizeof(*how))
        return -EINVAL;
    if (size > HOW_MOST)
        return -E2BIG;
    if (copy_from_user(how, from, sizeof(*how)))
        return -EFAULT;
    for (size_t i = sizeof(*how); i < size; i++) { // of a newer caller, who must want nothing new
        char byte;
        if (GET_USER(byte, (const char USER *)from + i))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    return 0;
}

static int check_how(const struct open_how *h)
{
    if (h->flags & ~FLAGS_KNOWN || h->resolve & ~(uint64_t)RULES)
        return -EINVAL;
    if (h->flags & O_PATH && h->flags & ~FLAGS_OF_PATH)
        return -EINVAL;
    if (h->mode & ~07777ul || (h->mode && !(h->flags & FLAGS_MAKING)))
        return -EINVAL;
    if (h->resolve & RESOLVE_BENEATH && h->resolve & RESOLVE_IN_ROOT)
        return -EINVAL;
    return h->resolve & RESOLVE_CACHED && h->flags & (FLAGS_MAKING | O_TRUNC) ? -EAGAIN : 0;
}

static int open_resolved(struct node *base, const char *path, const struct open_how *h, struct file **ret)
{
    char *resolved = kmalloc(TREE_PATH_MAX * 2);
    if (!resolved)
        return -ENOMEM;
    bool exclusive = h->flags & O_CREAT && h->flags & O_EXCL;
    int r = *path ? resolve_path(base, path, h->resolve, !(h->flags & O_NOFOLLOW) && !exclusive, resolved, TREE_PATH_MAX * 2) : -ENOENT;
    if (!r)
        r = file_open_at(base, resolved, (uint32_t)h->flags, (unsigned)h->mode, ret);
    kfree(resolved);
    return r;
}

long sys_openat2(int dir, const char USER *path, const void USER *user_how, size_t size)
{
    struct open_how how;
    struct node *base = NULL;
    struct file *f;
    char *p;
    int r = get_how(&how, user_how, size);
    if (!r)
        r = check_how(&how);
    if (!r)
        r = path_from_user(path, &p);
    if (r)
        return r;
    bool own_root = how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT); // dir counts for absolute paths too
    r = base_from_fd(dir, own_root ? "." : p, &base);
    if (!r)
        r = how.resolve ? open_resolved(base, p, &how, &f) : file_open_at(base, p, (uint32_t)how.flags, (unsigned)how.mode, &f);
    node_put(base);
    kfree(p);
    return r ? r : fd_install(f, how.flags & O_CLOEXEC ? FD_CLOEXEC : 0, 0);
}
