// SPDX-License-Identifier: MIT
//
// Shared mappings of one file, coherent at all their addresses. An enclave has no page tables of ours: a page of memory stands at
// one address. So a page of a file has a home, the file's content (kernel/vfs/content.c), and copies where it is mapped:
//
//   clean      copies at up to PLACES addresses, none of them writable; the home says the same
//   exclusive  one copy, which may be written; the home is out of date
//
// An access that a copy does not allow faults, and the fault changes the state: a read elsewhere makes the exclusive copy clean, a
// write takes all other copies away. Before a copy is read it has lost the right to be written, for all threads, so no write is
// lost; whoever is refused faults and waits here. read and write on the file count as accesses at the home. Everything that
// maps shared memory goes this way: files, memfd, MAP_SHARED | MAP_ANONYMOUS (a file without a name).
//
// Locks, outermost first: mm->lock, object->lock, node->data_lock. A copy belongs to its object: other address spaces take it
// away without their mm->lock, so the state of the pages of a shared mapping is looked at under object->lock only.
// A copy exists only where the space in place has the mapping (exchange.h): what is set aside is at home.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mm;
struct node;
struct vma;

// Before a file is mapped shared for the first time. 0 or -ENOMEM.
int object_attach(struct node *n);
void object_free(struct node *n); // with the node; no copies are left

// mm->lock is held. A fault at `page` of a shared mapping that allows the access. 0, -ENOMEM, -EIO (also behind the end of the file).
int object_fault(struct mm *mm, struct vma *v, uint64_t page, bool write);
// Takes the copies of [start, end) home and away. 0 or -ENOMEM: all are still there.
int object_recall(const struct vma *v, uint64_t start, uint64_t end);
// The same where nobody can be told: stops when memory runs out. last: nobody else has the file, what it holds may be forgotten.
void object_recall_always(const struct vma *v, uint64_t start, uint64_t end, bool last);

// For kernel/vfs/content.c, between object_enter and object_leave, which lock the content, and its copies when it has any.
void object_enter(struct node *n);
void object_leave(struct node *n);
// Brings home what is newer elsewhere, so that the content can be read. 0 or -errno.
int object_clean(struct node *n, uint64_t offset, uint64_t size);
// And takes the copies away, so that the content can be changed.
int object_evict(struct node *n, uint64_t offset, uint64_t size);
// Takes the copies of all pages from offset (page aligned) on away and forgets them.
void object_discard(struct node *n, uint64_t offset);
