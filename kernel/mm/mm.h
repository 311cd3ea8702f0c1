// SPDX-License-Identifier: MIT
//
// An address space object: the set of mappings of one process inside [USER_BASE, USER_END). Address spaces that
// do not overlap coexist; a free part of the range is chosen for each (design: processes).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct mm;

// For program, which if position-dependent ends at fixed_end (else 0). The current thread has entered it (window.h). -EEXIST: the current
// address space is in that window and has to go first; -ENOMEM.
int mm_new(uint64_t fixed_end, struct file *program, struct mm **ret_mm);
struct mm *mm_get(struct mm *mm);
void mm_put(struct mm *mm); // last reference unmaps everything
// The current thread, which is active in it, leaves it and gives up a reference, that of its process, where nobody finds it any more.
void mm_quit(struct mm *mm);
struct mm *mm_current(void);

// As mmap(2): prot PROT_*, flags MAP_* of Linux; file NULL for anonymous, else a reference is taken. Address or -errno.
long mm_map(struct mm *mm, uint64_t address, size_t length, int prot, int flags, struct file *file, uint64_t offset);
// A free range, or -ENOMEM: at hint if that is free.
long mm_find_room(struct mm *mm, uint64_t hint, size_t length);
int mm_unmap(struct mm *mm, uint64_t address, size_t length);
// What is left of a file that was mapped whole at address, if `wanted` says so of it. -EINVAL: there is none.
int mm_unmap_whole(struct mm *mm, uint64_t address, bool (*wanted)(const struct file *f));
int mm_protect(struct mm *mm, uint64_t address, size_t length, int prot);
long mm_remap(struct mm *mm, uint64_t old, size_t old_size, size_t new_size, int flags, uint64_t new_address);
// A part of a shared mapping shows its file from another offset on. 0 or -errno.
int mm_remap_pages(struct mm *mm, uint64_t start, uint64_t size, uint64_t offset);
long mm_brk(struct mm *mm, uint64_t address);

// A page fault at a program address, from the program or from the kernel's access to program memory. error: #PF error code bits.
// 0: retry the access. Else the SIGSEGV/SIGBUS si_code to deliver as a negative errno: -EFAULT (SEGV_MAPERR), -EACCES (SEGV_ACCERR), -EIO
// (SIGBUS).
int mm_fault(struct mm *mm, uint64_t address, uint32_t error);

// Writes code bytes over a program's text although it is not writable (the rewriter's one door). One aligned store when size <= 8
// and it does not cross an 8-byte boundary. -EFAULT when not mapped executable.
int mm_text_write(struct mm *mm, uint64_t address, const void *bytes, size_t size);

// Text that is not there yet or that nothing runs yet (exec): commits as needed. 0, -EFAULT, -ENOMEM, -EIO.
int mm_fill_text(struct mm *mm, uint64_t address, const void *from, size_t size);

// Bytes committed now and the bound (MemorySize).
uint64_t mm_committed(void);
uint64_t mm_limit(void);

// Lowest address of this address space's window; position-independent programs are placed from here.
uint64_t mm_low(const struct mm *mm);
// How many bytes of addresses the window has: no more can be mapped, whatever is given back.
uint64_t mm_span(const struct mm *mm);
// exec has mapped what it maps; an interpreter may map more.
void mm_loaded(struct mm *mm, bool interpreter);
// Where the heap starts (exec).
void mm_set_brk(struct mm *mm, uint64_t start);
struct vma; // kernel/mm/vma.h
void mm_for_each_vma(struct mm *mm, void (*each)(const struct vma *v, void *context), void *context);
// Names the mapping at address in /proc/self/maps; the name is not copied.
void mm_name_range(struct mm *mm, uint64_t address, const char *name);
bool mm_is_large(const struct mm *mm); // its window is the first program's
// Writes into an address space that nothing runs in yet (exec): commits as needed. 0, -EFAULT, -ENOMEM, -EIO.
int mm_write(struct mm *mm, uint64_t address, const void *from, size_t size);
int mm_clear(struct mm *mm, uint64_t address, size_t size);
void mm_set_vdso(struct mm *mm, uint64_t vdso); // where exec mapped it
uint64_t mm_vdso(const struct mm *mm);
// What a futex word at address is, for all who can reach it: in shared mappings a place in a file.
struct futex_key {
    uint64_t space, offset;
};
struct futex_key mm_futex_key(struct mm *mm, uint64_t address);
// What membarrier(2) was told to prepare for: commands of <linux/membarrier.h>.
uint32_t mm_membarriers(const struct mm *mm);
void mm_membarriers_add(struct mm *mm, uint32_t commands);
struct sites;
struct sites *mm_sites(struct mm *mm);
// How often its program had been started before with the same rewritten text.
uint32_t mm_starts(const struct mm *mm); // kernel/rewrite's; NULL: out of memory
// Where the object (ELF file) mapped around address has its offset 0, or 0.
uint64_t mm_object_base(struct mm *mm, uint64_t address);
