// SPDX-License-Identifier: MIT
//
// Pipes and FIFOs (man 7 pipe).
#pragma once

#include <stdint.h>

struct file;
struct node;

// Two ends; flags O_NONBLOCK, O_CLOEXEC is the caller's. 0 or -ENOMEM.
int pipe_new(uint32_t flags, struct file **ret_read, struct file **ret_write);
// Makes a S_IFIFO node open as a pipe.
int fifo_attach(struct node *n);
