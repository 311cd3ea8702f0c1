// SPDX-License-Identifier: MIT
//
// Kernel memory. kmalloc serves any size, 16-byte aligned; NULL when MemorySize is used up.
#pragma once

#include <stddef.h>
#include <stdint.h>

void heap_init(void);
void *kmalloc(size_t size) __attribute__((malloc, warn_unused_result));
void *kzalloc(size_t size) __attribute__((malloc, warn_unused_result));
void *krealloc(void *p, size_t size) __attribute__((warn_unused_result));
void kfree(void *p); // NULL allowed

// Page-granular kernel memory from [KERNEL_HEAP_BASE, KERNEL_HEAP_END), committed, zeroed, RW. NULL when out of memory.
void *kpages_alloc(size_t count) __attribute__((warn_unused_result));
// The same, contents undefined: for those who fill it at once.
void *kpages_alloc_dirty(size_t count) __attribute__((warn_unused_result));
void kpages_free(void *p, size_t count);
size_t kpages_free_count(void); // pages that are committed and free, not all of them in one piece
// Reserves kernel address space without committing it (page cache mirrors); commit parts with kpages_commit.
void *kpages_reserve(size_t count) __attribute__((warn_unused_result));
int kpages_commit(void *p, size_t count);
void kpages_decommit(void *p, size_t count);
