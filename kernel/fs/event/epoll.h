// SPDX-License-Identifier: MIT
#pragma once

#include <linux/eventpoll.h>
#include <stdint.h>

struct file;

int epoll_new(struct file **ret);
int epoll_change(struct file *epoll, int operation, int fd, struct file *f, const struct epoll_event *event);
// Up to max ready events; waits until the deadline. Count or -errno.
// How many files it watches.
unsigned epoll_size(struct file *epoll);
int epoll_collect(struct file *epoll, struct epoll_event *events, int max, uint64_t deadline_ns);
// A file is closed: no epoll has it any more.
void epoll_forget(struct file *f);
