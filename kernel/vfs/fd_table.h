// SPDX-License-Identifier: MIT
//
// Descriptor tables.
#pragma once

#include "kernel/sync/sync.h"
#include "kernel/vfs/file.h"

enum { FD_LIMIT = 65536 };

struct fd_slot {
    struct file *file;
    uint32_t flags; // FD_CLOEXEC
};

struct fd_table {
    uint32_t references;
    struct mutex lock;
    /* guarded by lock: */
    struct fd_slot *slots;
    int room;
    int lowest_free; // no free slot below
};

struct fd_table *fd_table_current(void);
bool fd_table_is_shared(const struct fd_table *t);
// Places a file in a table that is not in use yet. Takes over the reference.
int fd_table_put_file(struct fd_table *t, struct file *f, int fd);
int fd_close(int fd);
// Puts a file at a given descriptor, closing what was there. Takes over the reference. 0 or -errno.
int fd_install_at(struct file *f, unsigned fd_flags, int fd);
int fd_get_flags(int fd);
int fd_set_flags(int fd, unsigned flags);
// What a descriptor of this table, which may be another process's, leads to; takes a reference. NULL: none is open there.
struct file *fd_get_in(struct fd_table *t, int fd);
// For each open descriptor of the table, in order; file without a reference, table locked.
void fd_for_each(struct fd_table *t, void (*each)(int fd, struct file *f, void *context), void *context);
