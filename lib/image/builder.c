// SPDX-License-Identifier: MIT
//
// Index building in three steps: read all entries into a tree of names; number what is reachable from the root, directory by
// directory, so that the entries of each stand together and sorted; write the table.
#include "lib/image/builder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/image/cpio.h"
#include "lib/image/names.h"

enum { COMPONENT_MAX = 255, TARGET_MAX = 4095, LINKS_FIRST_ROOM = 64 };

struct link { // a file with several names: where its inode is
    uint64_t device;
    uint32_t ino, inode;
};

struct builder {
    struct names names;
    struct link *links; // open addressing, inode NO_INODE = free
    uint32_t link_count, link_room;
    const char **reason;
};

static int refuse(struct builder *b, const char *why)
{
    *b->reason = why;
    return -EINVAL;
}

static struct link *link_slot(struct link *links, uint32_t room, uint64_t device, uint32_t ino)
{
    uint32_t at = (ino * 0x9e3779b1u ^ (uint32_t)device) & (room - 1);
    while (links[at].inode != NO_INODE && (links[at].ino != ino || links[at].device != device))
        at = (at + 1) & (room - 1);
    return &links[at];
}

static int grow_links(struct builder *b)
{
    uint32_t room = b->link_room ? b->link_room * 2 : LINKS_FIRST_ROOM;
    struct link *larger = malloc(room * sizeof(*larger));
    if (!larger)
        return -ENOMEM;
    for (uint32_t i = 0; i < room; i++)
        larger[i].inode = NO_INODE;
    for (uint32_t i = 0; i < b->link_room; i++)
        if (b->links[i].inode != NO_INODE)
            *link_slot(larger, room, b->links[i].device, b->links[i].ino) = b->links[i];
    free(b->links);
    b->links = larger;
    b->link_room = room;
    return 0;
}

static int check_entry(struct builder *b, const struct cpio_entry *e)
{
    switch (e->mode & S_IFMT) {
    case S_IFREG:
        return 0;
    case S_IFLNK:
        if (!e->size || e->size > TARGET_MAX)
            return refuse(b, "corrupt: a symbolic link without or with an overlong target");
        return 0;
    case S_IFDIR:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        return e->size ? refuse(b, "corrupt: content in something that is not a file") : 0;
    default:
        return refuse(b, "corrupt: an entry of unknown type");
    }
}

static struct image_inode inode_of(const struct cpio_entry *e)
{
    uint32_t type = e->mode & S_IFMT;
    bool device = type == S_IFCHR || type == S_IFBLK, content = type == S_IFREG || type == S_IFLNK;
    return (struct image_inode){
        .mode = e->mode & (S_IFMT | 07777),
        .uid = e->uid,
        .gid = e->gid,
        .mtime = e->mtime,
        .size = e->size,
        .data = content && e->size ? e->data : 0,
        .rdev = device ? (uint32_t)makedev(e->rdev_major, e->rdev_minor) : 0,
    };
}

// The inode for an entry: a new one, or, for a further name of a file, the one it has. The content of a file with several names
// may stand with any of them (GNU cpio and libarchive write it with the last).
static int entry_inode(struct builder *b, const struct cpio_entry *e, uint32_t *ret)
{
    const struct image_inode i = inode_of(e);
    if (e->nlink < 2 || (e->mode & S_IFMT) == S_IFDIR)
        return names_new_inode(&b->names, &i, ret);
    if (b->link_count >= b->link_room / 2) {
        int r = grow_links(b);
        if (r)
            return r;
    }
    uint64_t device = (uint64_t)e->dev_major << 32 | e->dev_minor;
    struct link *l = link_slot(b->links, b->link_room, device, e->ino);
    if (l->inode != NO_INODE && (b->names.inodes[l->inode].i.mode & S_IFMT) == (i.mode & S_IFMT)) {
        if (i.size)
            b->names.inodes[l->inode].i = i;
        *ret = l->inode;
        return 0;
    }
    int r = names_new_inode(&b->names, &i, ret);
    if (r)
        return r;
    b->link_count += l->inode == NO_INODE;
    *l = (struct link){device, e->ino, *ret};
    return 0;
}

static int place(struct builder *b, uint32_t directory, const char *name, uint32_t length, const struct cpio_entry *e)
{
    uint32_t there = names_find(&b->names, directory, name, length), inode;
    if (there != NO_INODE && S_ISDIR(b->names.inodes[there].i.mode) && S_ISDIR(e->mode)) {
        b->names.inodes[there].i = inode_of(e); // the directory itself, its names stay
        return 0;
    }
    int r = entry_inode(b, e, &inode);
    return r ? r : names_set(&b->names, directory, name, length, inode);
}

// The directory `name` in `directory`, made when missing.
static int descend(struct builder *b, uint32_t directory, const char *name, uint32_t length, uint32_t *ret)
{
    static const struct image_inode made = {.mode = S_IFDIR | 0755};
    *ret = names_find(&b->names, directory, name, length);
    if (*ret == NO_INODE) {
        int r = names_new_inode(&b->names, &made, ret);
        return r ? r : names_set(&b->names, directory, name, length, *ret);
    }
    return S_ISDIR(b->names.inodes[*ret].i.mode) ? 0 : refuse(b, "an entry below something that is not a directory");
}

static int add(struct builder *b, const struct cpio_entry *e)
{
    const char *p = e->name, *name = NULL;
    uint32_t directory = 0, length = 0;
    int r = check_entry(b, e);
    while (!r && *p) { // each component is kept back until it is known whether another follows
        size_t n = strcspn(p, "/");
        if (n > COMPONENT_MAX)
            return refuse(b, "a name longer than 255 bytes");
        if (n == 2 && p[0] == '.' && p[1] == '.')
            return refuse(b, "a name with a .. component");
        if (n && !(n == 1 && p[0] == '.')) {
            if (name)
                r = descend(b, directory, name, length, &directory);
            name = p;
            length = (uint32_t)n;
        }
        p += n;
        p += *p == '/';
    }
    if (r)
        return r;
    if (name)
        return place(b, directory, name, length, e);
    if (!S_ISDIR(e->mode))
        return refuse(b, "corrupt: the root is not a directory");
    b->names.inodes[0].i = inode_of(e);
    return 0;
}

static int compare_names(const void *x, const void *y)
{
    const struct name *a = x, *b = y;
    if (a->directory != b->directory)
        return a->directory < b->directory ? -1 : 1;
    int c = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return c ? c : a->length < b->length ? -1 : a->length > b->length;
}

// Squeezes the table's free slots out and sorts: the names of a directory then stand together.
static void sort_names(struct names *n)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n->slot_count; i++)
        if (n->slots[i].inode != NO_INODE)
            n->slots[count++] = n->slots[i];
    n->used = count;
    qsort(n->slots, count, sizeof(*n->slots), compare_names);
    for (uint32_t i = 0; i < count; i++) {
        struct image_inode *d = &n->inodes[n->slots[i].directory].i;
        if (!d->count++)
            d->data = i;
    }
}

struct output {
    struct image_index header;
    struct image_inode *inodes;
    struct image_entry *entries;
    char *names;
    uint8_t *bytes;
    size_t size;
};

static int output_init(struct output *o, const struct names *n)
{
    size_t names_size = 0, align = sizeof(uint64_t);
    for (uint32_t i = 0; i < n->used; i++)
        names_size += n->slots[i].length;
    if (names_size > UINT32_MAX)
        return -EINVAL;
    size_t inodes = sizeof(struct image_index), entries = inodes + n->inode_count * sizeof(struct image_inode);
    size_t names = entries + n->used * sizeof(struct image_entry);
    o->size = (names + names_size + align - 1) / align * align;
    o->bytes = calloc(1, o->size);
    if (!o->bytes)
        return -ENOMEM;
    memcpy(o->header.magic, IMAGE_INDEX_MAGIC, sizeof(o->header.magic));
    o->header.inodes = inodes;
    o->header.entries = entries;
    o->header.names = names;
    o->inodes = (struct image_inode *)(void *)(o->bytes + inodes);
    o->entries = (struct image_entry *)(void *)(o->bytes + entries);
    o->names = (char *)o->bytes + names;
    return 0;
}

static uint32_t number_inode(struct names *n, struct output *o, uint32_t inode, uint32_t *queue)
{
    struct built_inode *b = &n->inodes[inode];
    if (b->number == NO_INODE) {
        b->number = o->header.inode_count++;
        queue[b->number] = inode;
    }
    return b->number;
}

// Breadth first from the root: what a later entry of the same name has replaced is not reached.
static void write_all(struct names *n, struct output *o, uint32_t *queue)
{
    (void)number_inode(n, o, 0, queue);
    for (uint32_t done = 0; done < o->header.inode_count; done++) {
        const struct image_inode from = n->inodes[queue[done]].i;
        struct image_inode *to = &o->inodes[done];
        uint32_t nlink = to->nlink; // counted while its names were written
        *to = from;
        to->nlink = nlink;
        if (!S_ISDIR(from.mode))
            continue;
        to->nlink += 2;
        to->data = o->header.entry_count;
        for (uint32_t i = 0; i < from.count; i++) {
            const struct name *s = &n->slots[from.data + i];
            uint32_t child = number_inode(n, o, s->inode, queue);
            if (S_ISDIR(n->inodes[s->inode].i.mode))
                to->nlink++;
            else
                o->inodes[child].nlink++;
            memcpy(o->names + o->header.names_size, s->text, s->length);
            o->entries[o->header.entry_count++] =
                (struct image_entry){child, (uint32_t)o->header.names_size, s->length};
            o->header.names_size += s->length;
        }
    }
    memcpy(o->bytes, &o->header, sizeof(o->header));
}

static int read_archive(struct builder *b, const uint8_t *archive, size_t size)
{
    struct cpio_reader reader = {archive, size, 0};
    struct cpio_entry e;
    int r;
    while ((r = cpio_next(&reader, &e, b->reason)) > 0) {
        r = add(b, &e);
        if (r)
            return r;
    }
    return r;
}

int index_build(const uint8_t *archive, size_t size, uint8_t **ret_index, size_t *ret_size, const char **reason)
{
    struct builder b = {.reason = reason};
    struct output o = {0};
    uint32_t *queue = NULL;
    *reason = NULL;
    int r = names_init(&b.names);
    if (!r)
        r = read_archive(&b, archive, size);
    if (!r) {
        sort_names(&b.names);
        queue = calloc(b.names.inode_count, sizeof(*queue));
        r = queue ? output_init(&o, &b.names) : -ENOMEM;
    }
    if (!r) {
        write_all(&b.names, &o, queue);
        *ret_index = o.bytes;
        *ret_size = o.size;
    } else if (r == -EINVAL && !*reason) {
        *reason = "too many names";
    }
    free(queue);
    free(b.links);
    names_free(&b.names);
    return r;
}
