// SPDX-License-Identifier: MIT
#include "kernel/fs/pipe/buffer.h"

#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"

static uint32_t slots(const struct pipe_buffer *b)
{
    return b->capacity / PAGE_SIZE;
}

static struct pipe_segment *segment(const struct pipe_buffer *b, uint32_t i)
{
    return &b->segments[(b->first + i) % slots(b)];
}

int pipe_buffer_init(struct pipe_buffer *b, uint32_t capacity)
{
    *b = (struct pipe_buffer){.capacity = capacity};
    b->data = kmalloc(capacity);
    b->segments = kmalloc(slots(b) * sizeof(*b->segments));
    if (b->data && b->segments)
        return 0;
    pipe_buffer_free(b);
    return -ENOMEM;
}

void pipe_buffer_free(struct pipe_buffer *b)
{
    kfree(b->data);
    kfree(b->segments);
    b->data = NULL;
    b->segments = NULL;
}

static void copy_out(const struct pipe_buffer *b, uint8_t *to, size_t size)
{
    size_t first = b->capacity - b->start;
    first = first < size ? first : size;
    memcpy(to, b->data + b->start, first);
    memcpy(to + first, b->data, size - first);
}

static void copy_in(struct pipe_buffer *b, const uint8_t *from, size_t size)
{
    size_t at = (b->start + b->used) % b->capacity, first = b->capacity - at;
    first = first < size ? first : size;
    memcpy(b->data + at, from, first);
    memcpy(b->data, from + first, size - first);
    b->used += (uint32_t)size;
}

static void drop(struct pipe_buffer *b, uint32_t size)
{
    b->start = (b->start + size) % b->capacity;
    b->used -= size;
}

int pipe_buffer_resize(struct pipe_buffer *b, uint32_t capacity)
{
    struct pipe_buffer larger;
    if (b->used > capacity || b->count > capacity / PAGE_SIZE)
        return -EBUSY;
    int r = pipe_buffer_init(&larger, capacity);
    if (r)
        return r;
    copy_out(b, larger.data, b->used);
    for (uint32_t i = 0; i < b->count; i++)
        larger.segments[i] = *segment(b, i);
    larger.used = b->used;
    larger.count = b->count;
    pipe_buffer_free(b);
    *b = larger;
    return 0;
}

void pipe_buffer_drop(struct pipe_buffer *b)
{
    b->used = b->count = 0;
}

static bool joins(const struct pipe_buffer *b, bool packet)
{
    return !packet && b->count && !segment(b, b->count - 1)->packet;
}

bool pipe_buffer_has_room(const struct pipe_buffer *b, size_t size, bool packet)
{
    return b->capacity - b->used >= size && (b->count < slots(b) || joins(b, packet));
}

size_t pipe_buffer_put(struct pipe_buffer *b, const uint8_t *from, size_t size, bool packet)
{
    size_t room = b->capacity - b->used, n = packet || size < room ? size : room;
    if (!n || !pipe_buffer_has_room(b, n, packet))
        return 0;
    if (joins(b, packet))
        segment(b, b->count - 1)->size += (uint32_t)n;
    else
        *segment(b, b->count++) = (struct pipe_segment){(uint32_t)n, packet};
    copy_in(b, from, n);
    return n;
}

size_t pipe_buffer_take(struct pipe_buffer *b, uint8_t *to, size_t size)
{
    size_t done = 0;
    bool packet = false;
    while (b->count && done < size && !packet) {
        struct pipe_segment *s = segment(b, 0);
        uint32_t n = s->size < size - done ? s->size : (uint32_t)(size - done);
        packet = s->packet;
        copy_out(b, to + done, n);
        done += n;
        uint32_t gone = packet ? s->size : n;
        drop(b, gone);
        s->size -= gone;
        if (!s->size) {
            b->first = (b->first + 1) % slots(b);
            b->count--;
        }
    }
    return done;
}

size_t pipe_buffer_peek(const struct pipe_buffer *b, uint8_t *to, size_t size)
{
    size_t n = size < b->used ? size : b->used;
    copy_out(b, to, n);
    return n;
}
