// SPDX-License-Identifier: MIT
//
// Changing names: create, mkdir, mknod, link, unlink, rmdir, rename.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/inotify.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/link.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/place.h"
#include "kernel/vfs/special.h"
#include "kernel/vfs/tree.h"

static bool is_dots(const struct tree_place *p)
{
    return !strcmp(p->name, ".") || !strcmp(p->name, "..");
}

// A directory with the set-group-ID bit hands its group down, and to directories the bit too.
static void own(struct node *n, const struct node *dir)
{
    const struct credentials *c = &current_thread()->cred;
    n->uid = c->fsuid;
    n->gid = dir->mode & S_ISGID ? dir->gid : c->fsgid;
    if (dir->mode & S_ISGID)
        n->mode = S_TYPE(n->mode) == S_IFDIR ? n->mode | S_ISGID : n->mode & S_IXGRP ? mode_for_group(n->mode, n->gid) : n->mode;
    node_touch(n);
    n->atime_ns = n->mtime_ns;
}

struct node *tree_nameless(const struct node *dir, unsigned mode)
{
    struct node *n = node_new(S_IFREG | (mode & 07777));
    if (n) {
        own(n, dir);
        n->nlink = 0;
    }
    return n;
}

// Adds a new node at a place whose directory is complete. Takes over the reference.
static int add_new(const struct tree_place *p, struct node *n)
{
    if (!n)
        return -ENOMEM;
    own(n, p->dir);
    int r = directory_add(p->dir, p->name, p->length, n);
    if (!r) {
        node_touch(p->dir);
        notify_name(p->dir, p->name, p->length, n, IN_CREATE, 0);
    }
    node_put(n);
    return r;
}

// The place for a new name: its directory complete, the name free.
static int new_place(struct node *base, const char *path, struct tree_place *ret)
{
    int r = tree_parent_locked(base, path, ret);
    if (r)
        return r;
    if (!ret->length || is_dots(ret))
        return -EEXIST;
    if (!ret->dir->nlink || ret->dir->directory.fixed) // it was removed, or is the kernel's
        return -ENOENT;
    r = directory_complete(ret->dir);
    if (r)
        return r;
    struct node *there;
    r = directory_find(ret->dir, ret->name, ret->length, &there);
    return r == -ENOENT ? node_permits(ret->dir, MAY_WRITE | MAY_SEARCH) : r ? r : -EEXIST;
}

static int make_locked(struct node *base, const char *path, unsigned mode, unsigned rdev)
{
    struct tree_place p;
    int r = new_place(base, path, &p);
    if (r)
        return r;
    bool dir = S_TYPE(mode) == S_IFDIR, device = S_TYPE(mode) == S_IFCHR || S_TYPE(mode) == S_IFBLK;
    if (p.must_be_directory && !dir)
        return -ENOENT;
    if (device && !capable(CAP_MKNOD))
        return -EPERM;
    struct node *n = dir ? directory_new(mode & 07777, p.dir) : node_new(mode);
    if (n && !dir) {
        n->rdev = rdev;
        if (S_TYPE(mode) != S_IFREG && special_attach(n)) {
            node_put(n);
            return -ENOMEM;
        }
    }
    if (n && dir)
        n->size = 4096;
    return add_new(&p, n);
}

int tree_make(struct node *base, const char *path, unsigned mode, unsigned rdev)
{
    tree_lock();
    int r = make_locked(base, path, mode, rdev);
    tree_unlock();
    return r;
}

static int create_locked(struct node *base, const char *path, unsigned mode, bool exclusive, struct node **ret, struct node **ret_dir,
                         bool *ret_created)
{
    struct tree_place p;
    *ret_created = false;
    int r = tree_parent_locked(base, path, &p);
    if (r)
        return r;
    *ret_dir = p.dir;
    if (!p.length || is_dots(&p) || p.must_be_directory)
        return -EISDIR;
    r = directory_find(p.dir, p.name, p.length, ret);
    if (!r)
        return exclusive ? -EEXIST : 0;
    if (r != -ENOENT || !p.dir->nlink || p.dir->directory.fixed || (r = directory_complete(p.dir)))
        return r;
    r = node_permits(p.dir, MAY_WRITE | MAY_SEARCH);
    if (r)
        return r;
    struct node *n = node_new(S_IFREG | (mode & 07777));
    if (n)
        node_get(n);
    r = add_new(&p, n);
    if (!r) {
        *ret = n;
        *ret_created = true;
        node_put(n); // the entry holds it
    }
    return r;
}

struct creation {
    struct node *from; // a reference
    char *text;        // of the link that is followed
    const char *path;
};

// The place is a link: what it names is found or created next. 1: it names an object, *ret.
static int follow_locked(struct creation *c, struct node *link, struct node *dir, struct node **ret)
{
    struct node *jump = link_jump(link);
    char *text = jump ? NULL : kmalloc(TREE_PATH_MAX);
    if (jump) {
        *ret = jump;
        return 1;
    }
    if (!text)
        return -ENOMEM;
    int n = link_target(link, text, TREE_PATH_MAX - 1);
    if (n < 0) {
        kfree(text);
        return n;
    }
    text[n] = 0;
    node_get(dir);
    node_put(c->from);
    kfree(c->text);
    *c = (struct creation){dir, text, text};
    return 0;
}

int tree_create(struct node *base, const char *path, unsigned mode, bool exclusive, bool follow, struct node **ret,
                bool *ret_created)
{
    struct creation c = {base ? node_get(base) : NULL, NULL, path};
    int r = -ELOOP;
    for (int i = 0; i <= TREE_LINKS_MAX; i++) {
        struct node *n = NULL, *dir;
        tree_lock();
        r = create_locked(c.from, c.path, mode, exclusive, &n, &dir, ret_created);
        bool link = !r && S_TYPE(n->mode) == S_IFLNK, found = !r && !link;
        if (link)
            r = !follow ? -ELOOP : i == TREE_LINKS_MAX ? -ELOOP : follow_locked(&c, n, dir, ret);
        if (found)
            *ret = node_get(n);
        tree_unlock();
        if (found || r)
            break;
    }
    node_put(c.from);
    kfree(c.text);
    return r < 0 ? r : 0;
}

int tree_symlink(struct node *base, const char *path, const char *target)
{
    struct tree_place p;
    size_t length = strlen(target);
    if (!length)
        return -ENOENT;
    tree_lock();
    int r = new_place(base, path, &p);
    struct node *n = r ? NULL : node_new(S_IFLNK | 0777);
    if (n) {
        n->target = kzalloc(length + 1);
        n->size = length;
        if (n->target)
            memcpy(n->target, target, length);
    }
    if (n && !n->target) {
        node_put(n);
        n = NULL;
    }
    r = r ? r : add_new(&p, n);
    tree_unlock();
    return r;
}

int tree_link(struct node *node, struct node *base, const char *path)
{
    struct tree_place p;
    if (S_TYPE(node->mode) == S_IFDIR)
        return -EPERM;
    tree_lock();
    int r = new_place(base, path, &p);
    if (!r && !node->nlink && !node->nameless) // removed meanwhile
        r = -ENOENT;
    if (!r)
        r = directory_add(p.dir, p.name, p.length, node);
    if (!r) {
        node->nlink++;
        node->nameless = false;
        node->ctime_ns = (int64_t)clock_realtime_ns();
        node_touch(p.dir);
        notify_self(node, IN_ATTRIB);
        notify_name(p.dir, p.name, p.length, node, IN_CREATE, 0);
    }
    tree_unlock();
    return r;
}

static int unlink_locked(struct node *base, const char *path, bool directory)
{
    struct tree_place p;
    struct node *n;
    int r = tree_parent_locked(base, path, &p);
    if (r)
        return r;
    if (!p.length)
        return directory ? -EBUSY : -EISDIR;
    if (is_dots(&p))
        return directory ? (p.length == 1 ? -EINVAL : -ENOTEMPTY) : -EISDIR;
    r = directory_complete(p.dir);
    if (!r)
        r = directory_find(p.dir, p.name, p.length, &n);
    if (r)
        return r;
    bool is_directory = S_TYPE(n->mode) == S_IFDIR;
    r = p.dir->directory.fixed ? -EPERM : node_permits_removal(p.dir, n);
    if (r)
        return r;
    if (directory != is_directory)
        return directory ? -ENOTDIR : -EISDIR;
    if (p.must_be_directory && !is_directory)
        return -ENOTDIR;
    if (is_directory) {
        r = directory_complete(n);
        if (r || !directory_empty(n))
            return r ? r : -ENOTEMPTY;
        n->nlink = 0;
    } else {
        n->nlink--;
        notify_self(n, IN_ATTRIB);
    }
    node_get(n);
    directory_remove(p.dir, p.name, p.length);
    node_touch(p.dir);
    notify_if_gone(n); // told before the name
    notify_name(p.dir, p.name, p.length, n, IN_DELETE, 0);
    node_put(n);
    return 0;
}

int tree_unlink(struct node *base, const char *path, bool directory)
{
    tree_lock();
    int r = unlink_locked(base, path, directory);
    tree_unlock();
    return r;
}

static bool is_below(struct node *n, struct node *maybe_above)
{
    for (;; n = n->directory.parent) {
        if (n == maybe_above)
            return true;
        if (n == tree_root() || n->directory.parent == n)
            return false;
    }
}

// May `from` replace `to`? All refusals of rename(2) that concern an existing target.
static int may_replace(struct node *from, struct node *to)
{
    bool from_dir = S_TYPE(from->mode) == S_IFDIR, to_dir = S_TYPE(to->mode) == S_IFDIR;
    if (from_dir != to_dir)
        return to_dir ? -EISDIR : -ENOTDIR;
    if (!to_dir)
        return 0;
    int r = directory_complete(to);
    return r ? r : directory_empty(to) ? 0 : -ENOTEMPTY;
}

static void notify_move(const struct tree_place *a, const struct tree_place *b, struct node *n)
{
    uint32_t cookie = notify_cookie();
    notify_name(a->dir, a->name, a->length, n, IN_MOVED_FROM, cookie);
    notify_name(b->dir, b->name, b->length, n, IN_MOVED_TO, cookie);
}

static void notify_rename(const struct tree_place *a, const struct tree_place *b, struct node *from, struct node *to, bool exchange)
{
    if (!notify_wanted())
        return;
    notify_move(a, b, from);
    if (to && !exchange && S_TYPE(to->mode) != S_IFDIR)
        notify_self(to, IN_ATTRIB);
    notify_self(from, IN_MOVE_SELF);
    if (to && exchange) {
        notify_move(b, a, to);
        notify_self(to, IN_MOVE_SELF);
    } else if (to) {
        notify_if_gone(to);
    }
}

static int may_rename(const struct tree_place *a, const struct tree_place *b, const struct node *from, const struct node *to)
{
    if (a->dir->directory.fixed || b->dir->directory.fixed)
        return -EPERM;
    int r = node_permits_removal(a->dir, from);
    if (!r)
        r = to ? node_permits_removal(b->dir, to) : node_permits(b->dir, MAY_WRITE | MAY_SEARCH);
    if (!r && a->dir != b->dir && S_TYPE(from->mode) == S_IFDIR) // its .. changes
        r = node_permits(from, MAY_WRITE);
    return r;
}

static int rename_locked(struct tree_place *a, struct tree_place *b, unsigned flags)
{
    struct node *from, *to = NULL;
    int r = directory_find(a->dir, a->name, a->length, &from);
    if (r)
        return r;
    r = directory_find(b->dir, b->name, b->length, &to);
    if (r && r != -ENOENT)
        return r;
    if (to && (flags & RENAME_NOREPLACE))
        return -EEXIST;
    if (!to && (flags & RENAME_EXCHANGE))
        return -ENOENT;
    if (from == to)
        return 0;
    if (!b->dir->nlink)
        return -ENOENT;
    bool dir = S_TYPE(from->mode) == S_IFDIR;
    if ((b->must_be_directory || a->must_be_directory) && !dir)
        return -ENOTDIR;
    if (dir && is_below(b->dir, from))
        return -EINVAL;
    r = may_rename(a, b, from, to);
    if (!r && to && !(flags & RENAME_EXCHANGE))
        r = may_replace(from, to);
    if (r)
        return r;
    node_get(from);
    if (to) {
        node_get(to);
        directory_remove(b->dir, b->name, b->length);
        if (!(flags & RENAME_EXCHANGE))
            to->nlink -= S_TYPE(to->mode) == S_IFDIR ? to->nlink : 1;
    }
    directory_remove(a->dir, a->name, a->length);
    r = directory_add(b->dir, b->name, b->length, from);
    if (!r && (flags & RENAME_EXCHANGE))
        r = directory_add(a->dir, a->name, a->length, to);
    node_touch(a->dir);
    node_touch(b->dir);
    if (!r)
        notify_rename(a, b, from, to, flags & RENAME_EXCHANGE);
    node_put(from);
    node_put(to);
    return r;
}

int tree_rename(struct node *old_base, const char *old, struct node *new_base, const char *new, unsigned flags)
{
    struct tree_place a, b;
    if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE) || flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
        return -EINVAL;
    tree_lock();
    int r = tree_parent_locked(old_base, old, &a);
    if (!r)
        r = tree_parent_locked(new_base, new, &b);
    if (!r && (!a.length || !b.length || is_dots(&a) || is_dots(&b)))
        r = -EBUSY;
    if (!r)
        r = directory_complete(a.dir);
    if (!r)
        r = directory_complete(b.dir);
    if (!r)
        r = rename_locked(&a, &b, flags);
    tree_unlock();
    return r;
}
