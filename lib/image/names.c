// SPDX-License-Identifier: MIT
#include "lib/image/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_ROOM = 1024, ROOM_MAX = 1u << 30 };

static uint32_t hash(uint32_t directory, const char *text, uint32_t length)
{
    uint32_t h = 2166136261u ^ directory * 0x9e3779b1u; // FNV-1a over the name, started by the directory
    for (uint32_t i = 0; i < length; i++)
        h = (h ^ (uint8_t)text[i]) * 16777619u;
    return h ^ h >> 15;
}

// The slot that holds the name, or the free one where it belongs.
static struct name *slot_of(const struct names *n, uint32_t directory, const char *text, uint32_t length)
{
    uint32_t mask = n->slot_count - 1;
    for (uint32_t at = hash(directory, text, length) & mask;; at = (at + 1) & mask) {
        struct name *s = &n->slots[at];
        if (s->inode == NO_INODE ||
            (s->directory == directory && s->length == length && !memcmp(s->text, text, length)))
            return s;
    }
}

static int make_slots(struct names *n, uint32_t count)
{
    struct names larger = *n;
    larger.slots = malloc(count * sizeof(*larger.slots));
    larger.slot_count = count;
    if (!larger.slots)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        larger.slots[i].inode = NO_INODE;
    for (uint32_t i = 0; i < n->slot_count; i++)
        if (n->slots[i].inode != NO_INODE)
            *slot_of(&larger, n->slots[i].directory, n->slots[i].text, n->slots[i].length) = n->slots[i];
    free(n->slots);
    *n = larger;
    return 0;
}

int names_new_inode(struct names *n, const struct image_inode *i, uint32_t *ret)
{
    if (n->inode_count == n->inode_room) {
        uint32_t room = n->inode_room ? n->inode_room * 2 : FIRST_ROOM;
        struct built_inode *larger = room > ROOM_MAX ? NULL : realloc(n->inodes, room * sizeof(*larger));
        if (!larger)
            return -ENOMEM;
        n->inodes = larger;
        n->inode_room = room;
    }
    n->inodes[n->inode_count] = (struct built_inode){*i, NO_INODE};
    *ret = n->inode_count++;
    return 0;
}

int names_init(struct names *n)
{
    const struct image_inode root = {.mode = S_IFDIR | 0755};
    uint32_t number;
    *n = (struct names){0};
    int r = make_slots(n, FIRST_ROOM);
    return r ? r : names_new_inode(n, &root, &number);
}

void names_free(struct names *n)
{
    free(n->inodes);
    free(n->slots);
    *n = (struct names){0};
}

uint32_t names_find(const struct names *n, uint32_t directory, const char *text, uint32_t length)
{
    return slot_of(n, directory, text, length)->inode;
}

int names_set(struct names *n, uint32_t directory, const char *text, uint32_t length, uint32_t inode)
{
    if (n->used >= n->slot_count / 2) {
        int r = n->slot_count >= ROOM_MAX ? -ENOMEM : make_slots(n, n->slot_count * 2);
        if (r)
            return r;
    }
    struct name *s = slot_of(n, directory, text, length);
    n->used += s->inode == NO_INODE;
    *s = (struct name){directory, inode, text, length};
    return 0;
}
