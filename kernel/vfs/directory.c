// SPDX-License-Identifier: MIT
//
// Directories: a hash table of names, filled from the image one name at a time as names are looked up, and wholly before the
// first listing or change.
#include "kernel/vfs/directory.h"

#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"

enum { FIRST_BUCKETS = 8, FIRST_COOKIE = 3, NAME_LIMIT = 255 }; // cookies 1 and 2 are . and ..

static const struct image_source *source;

void directory_set_source(const struct image_source *s)
{
    source = s;
}

static uint32_t hash_name(const char *name, size_t length)
{
    uint32_t h = 2166136261u; // FNV-1a
    for (size_t i = 0; i < length; i++)
        h = (h ^ (uint8_t)name[i]) * 16777619u;
    return h;
}

struct node *directory_new(uint32_t mode, struct node *parent)
{
    struct node *n = node_new(S_IFDIR | mode);
    if (!n)
        return NULL;
    n->nlink = 2;
    n->directory.parent = parent ? parent : n;
    n->directory.complete = true;
    n->directory.next_cookie = FIRST_COOKIE;
    return n;
}

static struct entry *lookup(const struct directory *d, const char *name, size_t length, uint32_t hash)
{
    if (!d->bucket_count)
        return NULL;
    struct entry *e = d->buckets[hash % d->bucket_count];
    while (e && (e->hash != hash || e->length != length || memcmp(e->name, name, length)))
        e = e->next;
    return e;
}

static int grow(struct directory *d)
{
    uint32_t count = d->bucket_count ? d->bucket_count * 2 : FIRST_BUCKETS;
    struct entry **buckets = kzalloc(count * sizeof(*buckets));
    if (!buckets)
        return -ENOMEM;
    for (struct entry *e = d->first; e; e = e->in_order) {
        e->next = buckets[e->hash % count];
        buckets[e->hash % count] = e;
    }
    kfree(d->buckets);
    d->buckets = buckets;
    d->bucket_count = count;
    return 0;
}

static struct mutex names;

void directory_names_lock(void)
{
    mutex_lock(&names);
}

void directory_names_unlock(void)
{
    mutex_unlock(&names);
}

int directory_add(struct node *dir, const char *name, size_t length, struct node *node)
{
    struct directory *d = &dir->directory;
    if (d->count >= d->bucket_count) {
        int r = grow(d);
        if (r)
            return r;
    }
    struct entry *e = kmalloc(sizeof(*e) + length + 1);
    if (!e)
        return -ENOMEM;
    uint32_t hash = hash_name(name, length);
    *e = (struct entry){.next = d->buckets[hash % d->bucket_count],
                        .node = node_get(node),
                        .cookie = d->next_cookie++,
                        .hash = hash,
                        .length = (uint16_t)length};
    memcpy(e->name, name, length);
    e->name[length] = 0;
    d->buckets[hash % d->bucket_count] = e;
    directory_names_lock();
    *(d->last ? &d->last->in_order : &d->first) = e;
    d->last = e;
    directory_names_unlock();
    d->count++;
    if (S_TYPE(node->mode) == S_IFDIR) {
        if (node->directory.holds_parent)
            node_put(node->directory.parent);
        node->directory.holds_parent = false;
        node->directory.parent = dir;
        node->directory.name = e->name;
        dir->nlink++;
    }
    return 0;
}

static void unlink_entry(struct directory *d, struct entry *e)
{
    struct entry **p = &d->buckets[e->hash % d->bucket_count];
    while (*p != e)
        p = &(*p)->next;
    *p = e->next;
    struct entry *before = NULL;
    directory_names_lock();
    for (struct entry *x = d->first; x != e; x = x->in_order)
        before = x;
    *(before ? &before->in_order : &d->first) = e->in_order;
    if (d->last == e)
        d->last = before;
    directory_names_unlock();
    d->count--;
}

void directory_remove(struct node *dir, const char *name, size_t length)
{
    struct entry *e = lookup(&dir->directory, name, length, hash_name(name, length));
    if (!e)
        return;
    unlink_entry(&dir->directory, e);
    if (S_TYPE(e->node->mode) == S_IFDIR) {
        dir->nlink--;
        if (e->node->directory.name == e->name)
            e->node->directory.name = NULL;
        if (e->node->directory.parent == dir && !e->node->directory.holds_parent) {
            node_get(dir);
            e->node->directory.holds_parent = true;
        }
    }
    node_put(e->node);
    kfree(e);
}

static int bring_in(struct node *dir, const char *name, size_t length, uint32_t inode, struct node **ret)
{
    struct node *n;
    int r = source->node(inode, dir, &n);
    if (r)
        return r;
    r = directory_add(dir, name, length, n);
    if (!r && S_TYPE(n->mode) == S_IFDIR)
        dir->nlink--; // the image's count has it already
    node_put(n); // the entry holds it now
    if (!r && ret)
        *ret = n;
    return r;
}

int directory_find(struct node *dir, const char *name, size_t length, struct node **ret)
{
    struct directory *d = &dir->directory;
    if (d->refresh)
        d->refresh(dir);
    struct entry *e = lookup(d, name, length, hash_name(name, length));
    if (e) {
        *ret = e->node;
        return 0;
    }
    if (d->complete)
        return -ENOENT;
    uint32_t inode;
    int r = source->find(d->image_first, d->image_count, name, length, &inode);
    return r ? r : bring_in(dir, name, length, inode, ret);
}

int directory_complete(struct node *dir)
{
    struct directory *d = &dir->directory;
    if (d->refresh)
        d->refresh(dir);
    for (uint32_t i = 0; !d->complete && i < d->image_count; i++) {
        char name[NAME_LIMIT + 1];
        uint32_t inode;
        int length = source->name(d->image_first + i, name, NAME_LIMIT, &inode);
        if (length < 0)
            return length;
        if (lookup(d, name, (size_t)length, hash_name(name, (size_t)length)))
            continue;
        int r = bring_in(dir, name, (size_t)length, inode, NULL);
        if (r)
            return r;
    }
    d->complete = true;
    return 0;
}

bool directory_empty(const struct node *dir)
{
    return dir->directory.count == 0;
}

struct entry *directory_next(const struct node *dir, uint64_t after)
{
    struct entry *e = dir->directory.first;
    while (e && e->cookie <= after)
        e = e->in_order;
    return e;
}

void directory_clear(struct node *dir)
{
    struct directory *d = &dir->directory;
    directory_names_lock();
    struct entry *first = d->first;
    d->first = d->last = NULL;
    directory_names_unlock();
    for (struct entry *e = first, *next; e; e = next) {
        next = e->in_order;
        if (S_TYPE(e->node->mode) == S_IFDIR) { // somebody may still have it
            e->node->directory.parent = e->node;
            e->node->directory.name = NULL;
        }
        node_put(e->node);
        kfree(e);
    }
    kfree(d->buckets);
    d->buckets = NULL;
    d->bucket_count = d->count = 0;
}

void directory_free(struct node *dir)
{
    directory_clear(dir);
    if (dir->directory.holds_parent)
        node_put(dir->directory.parent);
}
