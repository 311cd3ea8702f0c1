// SPDX-License-Identifier: MIT
#include "kernel/vfs/resolve.h"

#include <linux/errno.h>
#include <linux/openat2.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/link.h"
#include "kernel/vfs/tree.h"

struct resolution {
    struct node *base;
    uint64_t rules;
    bool follow;
    char *done; // what is resolved, relative to base
    size_t size, length;
    unsigned climbed; // leading ".." in it, which nothing takes back
    char *left;       // what is not: room for TREE_PATH_MAX
    unsigned links;
};

static int push(struct resolution *r, const char *name, size_t length)
{
    if (r->length + length + 2 > r->size)
        return -ENAMETOOLONG;
    if (r->length)
        r->done[r->length++] = '/';
    memcpy(r->done + r->length, name, length);
    r->length += length;
    r->done[r->length] = 0;
    return 0;
}

static void pop(struct resolution *r)
{
    while (r->length && r->done[r->length - 1] != '/')
        r->length--;
    if (r->length)
        r->length--;
    r->done[r->length] = 0;
}

static int up(struct resolution *r)
{
    size_t climbed = r->climbed * 3;
    if (r->length > (climbed ? climbed - 1 : 0)) {
        pop(r);
        return 0;
    }
    if (r->rules & RESOLVE_BENEATH)
        return -EXDEV;
    if (r->rules & RESOLVE_IN_ROOT)
        return 0;
    r->climbed++;
    return push(r, "..", 2);
}

// An absolute path begins at the root, which is base for RESOLVE_IN_ROOT.
static int begin(struct resolution *r, const char *path)
{
    if (path[0] != '/')
        return 0;
    if (r->rules & RESOLVE_BENEATH)
        return -EXDEV;
    if (!(r->rules & RESOLVE_IN_ROOT))
        r->base = tree_own_root();
    r->length = r->climbed = 0;
    r->done[0] = 0;
    return 0;
}

static int read_link(struct resolution *r, struct node *link, char *to)
{
    tree_lock();
    struct node *jump = link_jump(link);
    int n = jump ? 0 : link_target(link, to, TREE_PATH_MAX - 1);
    tree_unlock();
    node_put(jump);
    if (jump)
        return r->rules & RESOLVE_NO_MAGICLINKS ? -ELOOP : -EXDEV; // where it leads has no name to go on from
    if (n >= 0)
        to[n] = 0;
    return n;
}

// The link at the end of `done` is replaced by its text, in front of what is left.
static int follow_link(struct resolution *r, struct node *link)
{
    if (r->rules & RESOLVE_NO_SYMLINKS || ++r->links > TREE_LINKS_MAX)
        return -ELOOP;
    char *text = kmalloc(TREE_PATH_MAX);
    if (!text)
        return -ENOMEM;
    int n = read_link(r, link, text);
    size_t rest = strlen(r->left);
    if (n >= 0 && (size_t)n + 1 + rest + 1 > TREE_PATH_MAX)
        n = -ENAMETOOLONG;
    if (n >= 0) {
        pop(r);
        memmove(r->left + n + 1, r->left, rest + 1);
        memcpy(r->left, text, (size_t)n);
        r->left[n] = '/';
        if (!rest)
            r->left[n] = 0;
        n = begin(r, r->left);
    }
    kfree(text);
    return n;
}

static bool at_end(const char *left)
{
    while (*left == '/')
        left++;
    return !*left;
}

static int step(struct resolution *r, const char *name, size_t length)
{
    if (length == 1 && name[0] == '.')
        return 0;
    if (length == 2 && name[0] == '.' && name[1] == '.')
        return up(r);
    struct node *n;
    int e = push(r, name, length);
    if (e)
        return e;
    bool last = at_end(name + length);
    memmove(r->left, name + length, strlen(name + length) + 1);
    e = tree_walk(r->base, r->done, 0, &n);
    if (e)
        return e == -ENOENT && last ? 0 : e;
    if (S_TYPE(n->mode) == S_IFLNK && (!last || r->follow || *r->left))
        e = follow_link(r, n);
    node_put(n);
    return e;
}

static int resolve(struct resolution *r)
{
    int e = begin(r, r->left);
    while (!e && !at_end(r->left)) {
        const char *name = r->left;
        while (*name == '/')
            name++;
        size_t length = 0;
        while (name[length] && name[length] != '/')
            length++;
        bool dots = name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
        e = step(r, name, length);
        if (dots)
            memmove(r->left, name + length, strlen(name + length) + 1);
    }
    return e;
}

int resolve_path(struct node *base, const char *path, uint64_t rules, bool follow, char *to, size_t size)
{
    struct resolution r = {.base = base, .rules = rules, .follow = follow, .done = to, .size = size, .left = kmalloc(TREE_PATH_MAX)};
    if (!r.left)
        return -ENOMEM;
    size_t length = strlen(path);
    bool slash = length && path[length - 1] == '/';
    memcpy(r.left, path, length + 1);
    to[0] = 0;
    int e = resolve(&r);
    if (!e && !r.length)
        e = push(&r, ".", 1);
    if (!e && slash)
        e = push(&r, "", 0);
    if (!e && r.base != base) { // it begins at the root
        if (r.length + 2 > size) {
            e = -ENAMETOOLONG;
        } else {
            memmove(to + 1, to, r.length + 1);
            to[0] = '/';
        }
    }
    kfree(r.left);
    return e;
}
