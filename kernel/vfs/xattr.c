// SPDX-License-Identifier: MIT
#include "kernel/vfs/xattr.h"

#include <stdbool.h>

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/xattr.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/capability.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/tree.h"

enum { BYTES_MOST = 1 << 20 }; // of all attributes of a file: a bound for mistakes

struct xattr {
    struct xattr *next;
    size_t name_size, size; // the name's NUL is counted
    char bytes[];           // name, value
};

static bool begins(const char *name, const char *prefix)
{
    return !strncmp(name, prefix, strlen(prefix));
}

static bool is_made_up(const struct node *n)
{
    return n->ops || n->context || (S_TYPE(n->mode) == S_IFDIR && n->directory.fixed);
}

// 0: such a name may be; else what Linux answers to who reads, or writes, one.
static int check(const struct node *n, const char *name, bool write)
{
    bool user = begins(name, XATTR_USER_PREFIX), trusted = begins(name, XATTR_TRUSTED_PREFIX);
    const uint32_t type = S_TYPE(n->mode);
    if (user && type != S_IFREG && type != S_IFDIR)
        return write ? -EPERM : -ENODATA;
    if (trusted && !capable(CAP_SYS_ADMIN))
        return write ? -EPERM : -ENODATA;
    if (is_made_up(n) || !(user || trusted || begins(name, XATTR_SECURITY_PREFIX)) || !strcmp(name, "security.capability"))
        return -EOPNOTSUPP; // files have no capabilities here
    if (write && !user && !capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (!strchr(name, '.')[1])
        return -EINVAL;
    return user ? node_permits(n, write ? MAY_WRITE : MAY_READ) : 0;
}

static struct xattr **find(struct node *n, const char *name)
{
    struct xattr **link = &n->xattrs;
    while (*link && strcmp((*link)->bytes, name))
        link = &(*link)->next;
    return link;
}

static size_t bytes_of(const struct node *n)
{
    size_t sum = 0;
    for (const struct xattr *x = n->xattrs; x; x = x->next)
        sum += x->name_size + x->size;
    return sum;
}

static int replace(struct node *n, struct xattr *new, int flags)
{
    struct xattr **link = find(n, new->bytes), *old = *link;
    if (old ? flags & XATTR_CREATE : flags & XATTR_REPLACE)
        return old ? -EEXIST : -ENODATA;
    if (bytes_of(n) + new->name_size + new->size > BYTES_MOST)
        return -ENOSPC;
    new->next = old ? old->next : NULL;
    *link = new;
    kfree(old);
    node_changed(n);
    return 0;
}

int xattr_set(struct node *n, const char *name, const void *value, size_t size, int flags)
{
    const size_t name_size = strlen(name) + 1;
    int r = check(n, name, /* write= */ true);
    if (r)
        return r;
    struct xattr *new = kmalloc(sizeof(*new) + name_size + size);
    if (!new)
        return -ENOMEM;
    *new = (struct xattr){.name_size = name_size, .size = size};
    memcpy(new->bytes, name, name_size);
    memcpy(new->bytes + name_size, value, size);
    tree_lock();
    r = replace(n, new, flags);
    tree_unlock();
    if (r)
        kfree(new);
    return r;
}

long xattr_get(struct node *n, const char *name, void *to, size_t room)
{
    int r = check(n, name, /* write= */ false);
    if (r)
        return r;
    tree_lock();
    const struct xattr *x = *find(n, name);
    long size = !x ? -ENODATA : room && x->size > room ? -ERANGE : (long)x->size;
    if (size > 0 && room)
        memcpy(to, x->bytes + x->name_size, x->size);
    tree_unlock();
    return size;
}

long xattr_list(struct node *n, char *to, size_t room)
{
    long sum = 0;
    tree_lock();
    for (const struct xattr *x = n->xattrs; x && sum >= 0; x = x->next) {
        if (begins(x->bytes, XATTR_TRUSTED_PREFIX) && !capable(CAP_SYS_ADMIN))
            continue;
        bool fits = !room || x->name_size <= room - (size_t)sum;
        if (room && fits)
            memcpy(to + sum, x->bytes, x->name_size);
        sum = fits ? sum + (long)x->name_size : -ERANGE;
    }
    tree_unlock();
    return sum;
}

int xattr_remove(struct node *n, const char *name)
{
    int r = check(n, name, /* write= */ true);
    if (r)
        return r;
    tree_lock();
    struct xattr **link = find(n, name), *gone = *link;
    if (gone) {
        *link = gone->next;
        node_changed(n);
    }
    tree_unlock();
    kfree(gone);
    return gone ? 0 : -ENODATA;
}

void xattr_free(struct xattr *list)
{
    while (list) {
        struct xattr *next = list->next;
        kfree(list);
        list = next;
    }
}
