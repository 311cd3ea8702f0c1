// SPDX-License-Identifier: MIT
//
// Path resolution (man 7 path_resolution).
#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/link.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/place.h"
#include "kernel/vfs/tree.h"

static struct mutex lock;
static struct node *root;

void tree_lock(void)
{
    mutex_lock(&lock);
}

void tree_unlock(void)
{
    mutex_unlock(&lock);
}

void tree_set_root(struct node *n)
{
    root = n;
}

struct node *tree_root(void)
{
    return root;
}

struct node *tree_own_root(void)
{
    const struct thread *t = current_thread();
    const struct fs_state *fs = t && t->process ? current_fs() : NULL;
    return fs ? fs->root : root;
}

struct walk {
    struct node *at;   // a directory while components are left
    const char *rest;  // what is still to be walked
    char *buffer;      // owns the text of rest once a link was expanded
    unsigned links;
    struct node *held; // where the last link that names an object led
};

static const char *skip_slashes(const char *p)
{
    while (*p == '/')
        p++;
    return p;
}

static size_t component(const char *p)
{
    size_t n = 0;
    while (p[n] && p[n] != '/')
        n++;
    return n;
}

static int step(struct node *dir, const char *name, size_t length, struct node **ret)
{
    if (S_TYPE(dir->mode) != S_IFDIR)
        return -ENOTDIR;
    int r = node_permits(dir, MAY_SEARCH);
    if (r)
        return r;
    if (length > TREE_NAME_MAX)
        return -ENAMETOOLONG;
    if (length == 1 && name[0] == '.') {
        *ret = dir;
        return 0;
    }
    if (length == 2 && name[0] == '.' && name[1] == '.') {
        *ret = dir == tree_own_root() ? dir : dir->directory.parent;
        return 0;
    }
    return directory_find(dir, name, length, ret);
}

// Puts a link's target in front of what is left.
static int expand(struct walk *w, struct node *link, const char *rest)
{
    if (++w->links > TREE_LINKS_MAX)
        return -ELOOP;
    char *text = kmalloc(TREE_PATH_MAX * 2);
    if (!text)
        return -ENOMEM;
    int n = link_target(link, text, TREE_PATH_MAX);
    if (n < 0 || strlen(rest) >= TREE_PATH_MAX) {
        kfree(text);
        return n < 0 ? n : -ENAMETOOLONG;
    }
    memcpy(text + n, rest, strlen(rest) + 1);
    node_accessed(link);
    kfree(w->buffer);
    w->buffer = text;
    if (text[0] == '/')
        w->at = tree_own_root();
    w->rest = text;
    return n ? 0 : -ENOENT;
}

// Walks until `stop_at_last` says so, or the end. The lock is held.
static int walk(struct walk *w, unsigned flags, bool stop_at_last)
{
    for (;;) {
        const char *p = skip_slashes(w->rest);
        size_t n = component(p);
        if (!n) {
            w->rest = p;
            return 0;
        }
        const char *after = p + n, *next = skip_slashes(after);
        bool last = !*next;
        if (last && stop_at_last) {
            w->rest = p;
            return 0;
        }
        struct node *child;
        int r = step(w->at, p, n, &child);
        if (r)
            return r;
        bool slash = *after == '/';
        if (S_TYPE(child->mode) == S_IFLNK && (!last || slash || (flags & WALK_FOLLOW))) {
            struct node *jump = link_jump(child);
            if (jump) { // /proc/self/fd and the like name an object, not a path
                node_put(w->held);
                w->at = w->held = jump;
                w->rest = next;
                continue;
            }
            r = expand(w, child, after);
            if (r)
                return r;
            continue;
        }
        if (slash && S_TYPE(child->mode) != S_IFDIR)
            return -ENOTDIR;
        w->at = child;
        w->rest = next;
    }
}

static struct node *start(struct node *base, const char *path)
{
    return path[0] == '/' || !base ? tree_own_root() : base;
}

int tree_walk(struct node *base, const char *path, unsigned flags, struct node **ret)
{
    unsigned links;
    return tree_walk_counting(base, path, flags, ret, &links);
}

int tree_walk_counting(struct node *base, const char *path, unsigned flags, struct node **ret, unsigned *ret_links)
{
    if (!*path)
        return -ENOENT;
    tree_lock();
    struct walk w = {.at = start(base, path), .rest = path};
    int r = walk(&w, flags, false);
    if (!r && (flags & WALK_DIRECTORY) && S_TYPE(w.at->mode) != S_IFDIR)
        r = -ENOTDIR;
    if (!r)
        *ret = node_get(w.at);
    *ret_links = w.links;
    node_put(w.held);
    tree_unlock();
    kfree(w.buffer);
    return r;
}

int tree_parent_locked(struct node *base, const char *path, struct tree_place *ret)
{
    if (!*path)
        return -ENOENT;
    struct walk w = {.at = start(base, path), .rest = path};
    int r = walk(&w, WALK_FOLLOW, true);
    size_t n = r ? 0 : component(w.rest);
    if (!r && S_TYPE(w.at->mode) != S_IFDIR)
        r = -ENOTDIR;
    if (!r && n)
        r = node_permits(w.at, MAY_SEARCH);
    if (!r && n > TREE_NAME_MAX)
        r = -ENAMETOOLONG;
    if (!r) {
        memcpy(ret->name, w.rest, n);
        ret->name[n] = 0;
        ret->length = n;
        ret->must_be_directory = w.rest[n] == '/';
        ret->dir = w.at;
    }
    node_put(w.held); // a directory that a link of /proc named stays: its owner is the process that we are
    kfree(w.buffer);
    return r;
}

int tree_path(struct node *dir, char *to, size_t size)
{
    char reversed[1024]; // deeper than any working directory in practice
    size_t at = sizeof(reversed);
    tree_lock();
    const struct node *top = tree_own_root(), *n = dir;
    for (; n != top && n != root; n = n->directory.parent) {
        const char *name = n->directory.name;
        if (!name) { // removed while somebody is in it
            tree_unlock();
            return -ENOENT;
        }
        size_t length = strlen(name);
        if (length + 1 > at) {
            tree_unlock();
            return -ENAMETOOLONG;
        }
        at -= length;
        memcpy(reversed + at, name, length);
        reversed[--at] = '/';
    }
    const char *outside = n == top ? "" : "(unreachable)";
    tree_unlock();
    if (at == sizeof(reversed))
        reversed[--at] = '/';
    int length = snprintf(to, size, "%s%.*s", outside, (int)(sizeof(reversed) - at), reversed + at);
    return (size_t)length < size ? length : -ERANGE;
}
