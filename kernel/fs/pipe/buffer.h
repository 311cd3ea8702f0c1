// SPDX-License-Identifier: MIT
//
// What is in a pipe: bytes in a ring, and where packets begin and end. No locks, no waiting.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pipe_segment { // a packet, or bytes that run into each other
    uint32_t size;
    bool packet;
};

struct pipe_buffer {
    uint8_t *data;
    uint32_t capacity, start, used; // bytes; capacity is a power of two and a multiple of the page size
    struct pipe_segment *segments;  // a ring too, one slot for each page of capacity, as Linux has them
    uint32_t first, count;
};

int pipe_buffer_init(struct pipe_buffer *b, uint32_t capacity); // -ENOMEM
void pipe_buffer_free(struct pipe_buffer *b);
// Keeps the content; -EBUSY when it does not fit, -ENOMEM.
int pipe_buffer_resize(struct pipe_buffer *b, uint32_t capacity);

void pipe_buffer_drop(struct pipe_buffer *b); // all of the content

// Whether `size` bytes, at most PIPE_BUF, go in as a whole.
bool pipe_buffer_has_room(const struct pipe_buffer *b, size_t size, bool packet);
// A packet goes in as a whole or not at all, bytes as far as there is room. Bytes taken in.
size_t pipe_buffer_put(struct pipe_buffer *b, const uint8_t *from, size_t size, bool packet);
// Up to the end of the first packet, whose rest is lost (man 2 pipe, O_DIRECT). Bytes given out.
size_t pipe_buffer_take(struct pipe_buffer *b, uint8_t *to, size_t size);
// Copies what is in, across packets, and leaves it there. Bytes copied.
size_t pipe_buffer_peek(const struct pipe_buffer *b, uint8_t *to, size_t size);
