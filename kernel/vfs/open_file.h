// SPDX-License-Identifier: MIT
//
// Open file descriptions and what can be done with them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sync/sync.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/node.h"

struct stat; // <asm/stat.h>
struct poll_table;
struct signal_io;

#define FILE_DELETED " (deleted)" // as /proc names what has no name

// What a kind of file does. Buffers are kernel memory. NULL: not supported (EINVAL, or a default). Positions: files that have one
// use `offset`; streams ignore it.
struct file_ops {
    bool stream;   // no position: lseek is ESPIPE, pread and pwrite too
    bool signals_io; // O_ASYNC: its changes can be told by signal (signal_io.h)
    uint32_t mode; // st_mode where there is no node; 0: of an anonymous inode
    uint32_t read_least; // so many bytes have to be asked for, or it is EINVAL
    bool unmoving; // its position is always 0 (character devices)
    bool visits;   // reads and writes give up the turn (kernel/mm/visit.h): no lock is held, not even the position's
    int (*open)(struct file *f);
    void (*release)(struct file *f);
    void (*unmapped)(struct file *f); // a mapping of it is gone, and its reference goes next
    void (*descriptor_closed)(struct file *f); // the current process closed one of those that lead here
    long (*read)(struct file *f, void *to, size_t size, uint64_t offset);
    long (*write)(struct file *f, const void *from, size_t size, uint64_t offset);
    // Ready events of poll(2); adds the caller to the queues that announce changes when table is not NULL.
    unsigned (*poll)(struct file *f, struct poll_table *table);
    int (*host_fd)(const struct file *f); // whose changes only the host knows; -1, or no such operation: the kernel knows them
    long (*ioctl)(struct file *f, unsigned long request, uint64_t argument);
    int (*truncate)(struct file *f, uint64_t size);
};

struct file {
    const struct file_ops *ops;
    // In the low half all references, in the high half those that are borrowed: by epolls and by who waits for the file, who do not
    // keep it open. When no others are left it is closed.
    uint64_t references;
    uint32_t flags;    // O_*
    struct node *node; // NULL for pipes, eventfds ...
    struct mutex position_lock;
    uint64_t position; // guarded by position_lock
    void *context;     // of the ops
    const char *name;  // where it has no path: "socket:[..]" and the like; one that ends in ":" is followed by the node's number
    char *path;        // as opened, absolute; NULL when there is none
    uint32_t directory_cookie;
    bool writes; // text_busy.h
    struct signal_io *signal_io; // NULL: nobody asked for signals
};

struct file *file_borrow(struct file *f);
void file_give_back(struct file *f);
uint32_t file_references(const struct file *f);
bool file_is_closed(const struct file *f); // only borrowed references are left
struct file *file_get_alive(struct file *f); // a reference, unless the last one has gone: NULL
struct file *file_new(const struct file_ops *ops, uint32_t flags, struct node *node); // takes its own reference of node
extern const struct file_ops regular_ops; // of what has content (content.h)
// Whoever watches it is told of this IN_* event. Devices and generated files come and go in silence, as do O_PATH descriptors.
void file_tell(const struct file *f, uint32_t event);
long file_checked(const struct file *f, long n); // says on stderr when n is -EIO; n
bool file_is_last(const struct file *f); // with this reference the file and what it holds go for good
bool file_has_content(const struct file *f); // a regular file of the tree, or a memory file
bool file_readable(const struct file *f);
bool file_writable(const struct file *f);
int file_may_map(struct file *f, int prot, int flags);
bool file_is_zero_device(const struct file *f);
void file_accessed(const struct file *f); // its access time, unless O_NOATIME
// As the system calls: position handling included. Kernel buffers.
long file_read(struct file *f, void *to, size_t size);
// Moves the position by what can be read of size bytes, as if they had been. How many; they begin at *ret_at.
size_t file_claim(struct file *f, size_t size, uint64_t *ret_at);
// The same as file_read without a copy, see content_peek. 0: file_read or file_read_at has to do it.
size_t file_peek(struct file *f, const void **ret, size_t size);
size_t file_peek_at(struct file *f, const void **ret, size_t size, uint64_t offset);
void file_unread(struct file *f, size_t size); // the last bytes read did not reach the program: the position goes back
long file_write(struct file *f, const void *from, size_t size);
