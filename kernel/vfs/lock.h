// SPDX-License-Identifier: MIT
//
// Locks of files: flock(2), and the record locks of fcntl(2), which belong to a process or to an open file.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file;
struct fd_table;

enum lock_kind { LOCK_WHOLE, LOCK_RECORD }; // these two do not see each other

struct lock_request {
    enum lock_kind kind;
    const void *owner; // an open file, or the descriptors of a process
    int32_t pid;       // as F_GETLK shows it; -1 for locks of open files
    bool exclusive, unlock;
    uint64_t start, last; // inclusive
};

// Sets or takes away. 0, -EAGAIN, -EINTR, -EDEADLK (record locks of processes), -ENOMEM.
int lock_set(struct file *f, const struct lock_request *request, bool wait);
// The first lock in the way of a request. false: none.
bool lock_find(struct file *f, const struct lock_request *request, struct lock_request *ret);
// A process closes a descriptor: its record locks of that file are gone. And the last reference of an open file: its own are.
void lock_closed(struct file *f, const struct fd_table *owner);
void lock_released(struct file *f);
