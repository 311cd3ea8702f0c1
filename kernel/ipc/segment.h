// SPDX-License-Identifier: MIT
//
// Inside kernel/ipc: segments of System V shared memory. The memory of a segment is a file without a name, an attachment a shared
// mapping of it (kernel/mm/object.h): munmap, mprotect, fork and the rest know it as they know any other.
//
// Each shmat opens a file of its own, so that what is attached for reading only cannot become writable. The references of these
// files are the mappings that are left of them, which is what shm_nattch counts.
//
// Locks, outermost first: mm->lock, shm_lock.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/ipc/ids.h"
#include "kernel/sync/sync.h"

#define SHM_SIZE_MAX (UINT64_MAX - (1ul << 24)) // what Linux says, too: no bound but memory
enum { SHM_DEST = 01000, SHM_LOCKED = 02000 };  // mode bits

struct file;
struct node;
struct shm_attachment;

struct segment {
    struct ipc_object object; // first
    uint64_t size;            // bytes, as asked for
    struct node *node;        // holds a reference
    struct shm_attachment *attachments;
    int64_t atime, dtime, ctime;
    int32_t cpid, lpid;
};

extern struct mutex shm_lock;
/* guarded by shm_lock: */
extern struct ipc_table shm_table;

uint64_t segment_attachments(const struct segment *s);
uint64_t segment_pages(const struct segment *s);
void segment_free_if_unused(struct segment *s); // removed, and nobody has it
