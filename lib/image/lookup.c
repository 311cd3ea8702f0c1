// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/image/image.h"
#include "lib/image/view.h"

enum { PATH_LIMIT = 4096, LINKS_MAX = 40, DEPTH_MAX = 128 };

int view_inode(const struct image_view *v, uint64_t number, struct image_inode *ret)
{
    if (number >= v->index.inode_count)
        return -EBADMSG;
    memcpy(ret, v->data + v->index_offset + v->index.inodes + number * sizeof(*ret), sizeof(*ret));
    if (S_ISDIR(ret->mode))
        return ret->data <= v->index.entry_count && ret->count <= v->index.entry_count - ret->data ? 0 : -EBADMSG;
    if (S_ISREG(ret->mode) || S_ISLNK(ret->mode))
        return ret->data <= v->data_size && ret->size <= v->data_size - ret->data ? 0 : -EBADMSG;
    return 0;
}

int view_entry(const struct image_view *v, uint64_t number, struct image_entry *ret, const char **ret_name)
{
    if (number >= v->index.entry_count)
        return -EBADMSG;
    const uint8_t *index = v->data + v->index_offset;
    memcpy(ret, index + v->index.entries + number * sizeof(*ret), sizeof(*ret));
    if (ret->inode >= v->index.inode_count || ret->name > v->index.names_size || !ret->name_length ||
        ret->name_length > v->index.names_size - ret->name)
        return -EBADMSG;
    *ret_name = (const char *)index + v->index.names + ret->name;
    return 0;
}

static int find_child(const struct image_view *v, const struct image_inode *dir, const char *name, size_t length,
                      uint32_t *ret_inode)
{
    uint64_t low = dir->data, high = dir->data + dir->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct image_entry e;
        const char *candidate;
        int r = view_entry(v, middle, &e, &candidate);
        if (r)
            return r;
        int c = memcmp(name, candidate, length < e.name_length ? length : e.name_length);
        if (!c && length == e.name_length) {
            *ret_inode = e.inode;
            return 0;
        }
        if (c < 0 || (!c && length < e.name_length))
            high = middle;
        else
            low = middle + 1;
    }
    return -ENOENT;
}

struct walk {
    uint32_t above[DEPTH_MAX]; // inodes from the root down, for ..
    unsigned depth;
    unsigned links;
    char path[2 * PATH_LIMIT]; // what is left to walk stands at `rest`
    const char *rest;
};

// Puts a link's target in front of what is left.
static int expand(const struct image_view *v, struct walk *w, const struct image_inode *link)
{
    char joined[2 * PATH_LIMIT];
    size_t left = strlen(w->rest);
    if (++w->links > LINKS_MAX)
        return -ELOOP;
    if (!link->size || link->size >= PATH_LIMIT || left >= PATH_LIMIT || memchr(v->data + link->data, 0, link->size))
        return -EBADMSG;
    memcpy(joined, v->data + link->data, link->size);
    memcpy(joined + link->size, w->rest, left + 1);
    memcpy(w->path, joined, link->size + left + 1);
    w->rest = w->path;
    if (w->path[0] == '/')
        w->depth = 1;
    return 0;
}

// One component. 1: another step may follow; 0: the walk is at its end.
static int step(const struct image_view *v, struct walk *w, bool follow)
{
    struct image_inode dir, child;
    uint32_t inode;
    w->rest += strspn(w->rest, "/");
    const char *name = w->rest;
    size_t length = strcspn(name, "/");
    if (!length)
        return 0;
    w->rest += length;
    bool last = !w->rest[strspn(w->rest, "/")];
    int r = view_inode(v, w->above[w->depth - 1], &dir);
    if (r || !S_ISDIR(dir.mode))
        return r ? r : -ENOTDIR;
    if (length == 1 && name[0] == '.')
        return 1;
    if (length == 2 && name[0] == '.' && name[1] == '.') {
        w->depth -= w->depth > 1;
        return 1;
    }
    r = find_child(v, &dir, name, length, &inode);
    if (!r)
        r = view_inode(v, inode, &child);
    if (r)
        return r;
    if (S_ISLNK(child.mode) && (!last || follow)) {
        r = expand(v, w, &child);
        return r ? r : 1;
    }
    if (w->depth == DEPTH_MAX)
        return -ENAMETOOLONG;
    w->above[w->depth++] = inode;
    return 1;
}

int image_lookup(const struct image_view *view, const char *path, bool follow, struct image_inode *ret_inode)
{
    struct walk w = {.depth = 1};
    size_t length = strlen(path);
    if (length >= PATH_LIMIT)
        return -ENAMETOOLONG;
    memcpy(w.path, path, length + 1);
    w.rest = w.path;
    int r;
    while ((r = step(view, &w, follow)) > 0)
        ;
    return r ? r : view_inode(view, w.above[w.depth - 1], ret_inode);
}
