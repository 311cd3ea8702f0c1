// SPDX-License-Identifier: MIT
#include "kernel/vfs/content.h"

#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/fs/root/image.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/object.h"

#define FILE_MAX (1ul << 40)

static struct verified_image *root_image;

void content_set_image(struct verified_image *root)
{
    root_image = root;
}

static struct verified_image *image_of(const struct node *n)
{
    return n->context ? n->context : root_image;
}

static int need_slots(struct content *c, uint64_t size)
{
    size_t slots = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    if (slots <= c->page_slots)
        return 0;
    size_t room = c->page_slots ? c->page_slots : 8;
    while (room < slots)
        room *= 2;
    uint8_t **larger = krealloc(c->pages, room * sizeof(*larger));
    if (!larger)
        return -ENOSPC;
    memset(larger + c->page_slots, 0, (room - c->page_slots) * sizeof(*larger));
    c->pages = larger;
    c->page_slots = room;
    return 0;
}

static uint8_t *need_page(struct content *c, size_t slot)
{
    if (!c->pages[slot]) {
        c->pages[slot] = kpages_alloc(1);
        c->present += c->pages[slot] != NULL;
    }
    return c->pages[slot];
}

static void drop_page(struct content *c, size_t slot)
{
    c->present -= c->pages[slot] != NULL;
    kpages_free(c->pages[slot], 1);
    c->pages[slot] = NULL;
}

static long write_pages(struct node *n, const void *from, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        uint64_t at = offset + done;
        size_t in_page = at % PAGE_SIZE, part = PAGE_SIZE - in_page;
        part = part < size - done ? part : size - done;
        uint8_t *page = need_page(&n->content, at / PAGE_SIZE);
        if (!page)
            return done ? (long)done : -ENOSPC;
        memcpy(page + in_page, (const uint8_t *)from + done, part);
        done += part;
    }
    return (long)done;
}

static void free_pages(struct content *c)
{
    for (size_t i = 0; i < c->page_slots; i++)
        drop_page(c, i);
    kfree(c->pages);
    c->pages = NULL;
    c->page_slots = 0;
}

// Brings the image's bytes into memory, up to keep bytes.
static int copy_up(struct node *n, uint64_t keep)
{
    struct content *c = &n->content;
    if (!c->in_image)
        return 0;
    uint64_t offset = c->image_offset, size = keep < n->size ? keep : n->size;
    c->pages = NULL;
    c->page_slots = c->present = 0;
    int r = need_slots(c, size);
    for (uint64_t at = 0; !r && at < size; at += PAGE_SIZE) {
        uint8_t *page = need_page(c, at / PAGE_SIZE);
        uint64_t part = size - at < PAGE_SIZE ? size - at : PAGE_SIZE;
        r = page ? image_read(image_of(n), page, offset + at, part) : -ENOSPC;
    }
    if (r)
        free_pages(c); // the file is in the image still
    else
        c->in_image = false;
    return r;
}

static long read_pages(const struct node *n, void *to, size_t size, uint64_t offset)
{
    const struct content *c = &n->content;
    size_t done = 0;
    while (done < size) {
        uint64_t at = offset + done;
        size_t in_page = at % PAGE_SIZE, part = PAGE_SIZE - in_page, slot = at / PAGE_SIZE;
        part = part < size - done ? part : size - done;
        const uint8_t *page = slot < c->page_slots ? c->pages[slot] : NULL;
        if (page)
            memcpy((uint8_t *)to + done, page + in_page, part);
        else
            memset((uint8_t *)to + done, 0, part);
        done += part;
    }
    return (long)done;
}

typedef int from_image(struct verified_image *image, void *to, uint64_t offset, size_t size);

static long read_locked(struct node *n, void *to, size_t size, uint64_t offset, from_image *read)
{
    if (offset >= n->size)
        return 0;
    size = size < n->size - offset ? size : n->size - offset;
    int r = 0;
    if (n->content.in_image)
        r = read(image_of(n), to, n->content.image_offset + offset, size);
    else
        (void)read_pages(n, to, size, offset);
    return r ? r : (long)size;
}

static long read_content(struct node *n, void *to, size_t size, uint64_t offset, from_image *read)
{
    object_enter(n);
    long r = object_clean(n, offset, size);
    if (!r)
        r = read_locked(n, to, size, offset, read);
    object_leave(n);
    return r;
}

long content_read(struct node *n, void *to, size_t size, uint64_t offset)
{
    return read_content(n, to, size, offset, image_read);
}

// Without a lock: a change of the content takes it out of the image first, and puts it back there only if it failed, so that what the file
// was a moment ago is what is found. A file that grows does so after that, so its size is looked at before.
static size_t peek(const struct node *n, size_t size, uint64_t offset, const void **ret)
{
    const uint64_t end = __atomic_load_n(&n->size, __ATOMIC_ACQUIRE);
    if (!__atomic_load_n(&n->content.in_image, __ATOMIC_ACQUIRE) || offset >= end)
        return 0;
    size = size < end - offset ? size : end - offset;
    *ret = image_peek(image_of(n), n->content.image_offset + offset, size);
    return *ret ? size : 0;
}

size_t content_peek(struct node *n, size_t size, uint64_t offset, const void **ret)
{
    if (!__atomic_load_n(&n->object, __ATOMIC_ACQUIRE))
        return peek(n, size, offset, ret);
    object_enter(n);
    size_t found = object_clean(n, offset, size) ? 0 : peek(n, size, offset, ret);
    object_leave(n);
    return found;
}

long content_map(struct node *n, void *to, size_t size, uint64_t offset)
{
    return read_content(n, to, size, offset, image_pass);
}

long content_map_locked(struct node *n, void *to, size_t size, uint64_t offset)
{
    return read_locked(n, to, size, offset, image_pass);
}

long content_store(struct node *n, const void *from, size_t size, uint64_t offset)
{
    if (offset > FILE_MAX || size > FILE_MAX - offset)
        return -EFBIG;
    int r = copy_up(n, n->size);
    if (!r)
        r = need_slots(&n->content, offset + size);
    if (r)
        return r;
    long done = write_pages(n, from, size, offset);
    if (done > 0 && offset + (uint64_t)done > n->size)
        n->size = offset + (uint64_t)done;
    return done;
}

// A page in which the file ends and behind which it grows shows zeros there, whatever a mapping left.
static int evict_for(struct node *n, uint64_t offset, uint64_t size)
{
    uint64_t from = offset < n->size ? offset : n->size;
    return object_evict(n, from, offset + size - from);
}

long content_write(struct node *n, const void *from, size_t size, uint64_t offset)
{
    int r = offset > FILE_MAX || size > FILE_MAX - offset ? -EFBIG : evict_for(n, offset, size);
    return r ? r : content_store(n, from, size, offset);
}

bool content_is_hole(const struct node *n, uint64_t offset, uint64_t size)
{
    const struct content *c = &n->content;
    if (c->in_image)
        return false;
    for (uint64_t slot = offset / PAGE_SIZE; slot * PAGE_SIZE < offset + size && slot < c->page_slots; slot++)
        if (c->pages[slot])
            return false;
    return true;
}

int content_truncate(struct node *n, uint64_t size)
{
    if (size > FILE_MAX)
        return -EFBIG;
    object_discard(n, (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
    int r = evict_for(n, size, 0);
    if (!r)
        r = copy_up(n, size);
    if (r)
        return r;
    struct content *c = &n->content;
    size_t keep = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    for (size_t i = keep; i < c->page_slots; i++)
        drop_page(c, i);
    if (size % PAGE_SIZE && keep <= c->page_slots && c->pages[keep - 1]) // what a later growth would show
        memset(c->pages[keep - 1] + size % PAGE_SIZE, 0, PAGE_SIZE - size % PAGE_SIZE);
    n->size = size;
    return 0;
}

int content_allocate(struct node *n, uint64_t offset, uint64_t size)
{
    if (offset > FILE_MAX || size > FILE_MAX - offset)
        return -EFBIG;
    int r = evict_for(n, offset, size);
    if (!r)
        r = copy_up(n, n->size);
    if (!r)
        r = need_slots(&n->content, offset + size);
    for (uint64_t slot = offset / PAGE_SIZE; !r && slot * PAGE_SIZE < offset + size; slot++)
        r = need_page(&n->content, slot) ? 0 : -ENOSPC;
    return r;
}

int content_punch(struct node *n, uint64_t offset, uint64_t size)
{
    if (offset >= n->size)
        return 0;
    uint64_t end = size < n->size - offset ? offset + size : n->size;
    int r = object_evict(n, offset, end - offset);
    if (!r)
        r = copy_up(n, n->size);
    struct content *c = &n->content;
    for (uint64_t part; !r && offset < end && offset / PAGE_SIZE < c->page_slots; offset += part) {
        const size_t slot = offset / PAGE_SIZE;
        part = PAGE_SIZE - offset % PAGE_SIZE;
        part = part < end - offset ? part : end - offset;
        if (part == PAGE_SIZE)
            drop_page(c, slot);
        else if (c->pages[slot])
            memset(c->pages[slot] + offset % PAGE_SIZE, 0, part);
    }
    return r;
}

void content_free(struct node *n)
{
    if (!n->content.in_image)
        free_pages(&n->content);
}

uint64_t content_pages(const struct node *n)
{
    return n->content.in_image ? (n->size + PAGE_SIZE - 1) / PAGE_SIZE : n->content.present;
}

bool content_image_place(const struct node *n, const void **ret_image, uint64_t *ret_offset)
{
    *ret_image = image_of(n);
    *ret_offset = n->content.image_offset;
    return n->content.in_image;
}
