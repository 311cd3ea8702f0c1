// SPDX-License-Identifier: MIT
//
// Pipes and FIFOs (man 7 pipe).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct node;

// Two ends; flags O_NONBLOCK, O_DIRECT (packets); O_CLOEXEC is the caller's. 0 or -ENOMEM.
int pipe_new(uint32_t flags, struct file **ret_read, struct file **ret_write);
// Makes a S_IFIFO node open as a pipe.
int fifo_attach(struct node *n);
// The node goes, and its pipe with it, if it has one.
void pipe_detach(struct node *n);
// F_GETPIPE_SZ, F_SETPIPE_SZ (rounded up to a power of two of pages): the capacity in bytes, or -EBADF for what is no pipe,
// -EBUSY when more is in it, -ENOMEM.
long pipe_capacity(struct file *f);
long pipe_set_capacity(struct file *f, uint32_t size);
// A pipe or FIFO, with content and both ends?
bool is_pipe(const struct file *f);
// Copies up to `size` bytes that are in the pipe, waiting for some, and leaves them there. How many; 0: nobody writes any more; -EAGAIN,
// -EINTR.
long pipe_peek(struct file *f, void *to, size_t size, bool wait);
// Takes `size` bytes away that were seen there, by way of a buffer of that size.
void pipe_skip(struct file *f, void *scratch, size_t size);
// How many bytes the pipe takes without waiting.
size_t pipe_room(struct file *f);
