// SPDX-License-Identifier: MIT
//
// inotify(7): descriptors from which events about files are read. Between inotify.c (the queue of a descriptor) and watch.c (who watches
// what).
#pragma once

#include <stddef.h>
#include <stdint.h>

struct file;
struct inotify;
struct node;

int inotify_new(uint32_t flags, struct file **ret); // O_NONBLOCK; -ENOMEM
struct inotify *inotify_of(const struct file *f);   // NULL: another kind of file
int inotify_number(struct inotify *i);              // of the next watch; the lock of the watches is held
// Puts an event into the queue. name may be NULL.
void inotify_tell(struct inotify *i, int wd, uint32_t mask, uint32_t cookie, const char *name, size_t length);

// Watches the node for the events of mask (inotify_add_watch(2), flags included). Its number, -EEXIST, -ENOSPC, -ENOMEM.
long watch_add(struct inotify *i, struct node *n, uint32_t mask);
int watch_remove(struct inotify *i, int wd); // -EINVAL
void watch_remove_all(struct inotify *i);    // of a descriptor that goes
