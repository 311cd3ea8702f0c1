// SPDX-License-Identifier: MIT
//
// Page faults and commitment: memory comes when it is touched, a chunk around the touch at a time, because each
// fault costs microseconds and each change of enclave memory a host call.
#include <linux/errno.h>
#include <linux/mman.h>
#include <asm/resource.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/account.h"
#include "kernel/mm/cow.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/object.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/remains.h"
#include "kernel/mm/space.h"
#include "kernel/task/task.h"
#include "kernel/vfs/file.h"

enum { FILE_WINDOW = 16, ANONYMOUS_LEAST = 8, ANONYMOUS_FIRST = 16, ANONYMOUS_LAST = 512 }; // pages
enum { FAULT_WRITE = 2, FAULT_FETCH = 16 };                           // page-fault error code bits

struct mm *mm_current(void)
{
    struct thread *t = current_thread();
    return !t || !t->process ? NULL : t->visited ? t->visited : t->process->mm;
}

int space_fill(const struct vma *v, uint8_t *to, uint64_t size, uint64_t offset)
{
    uint64_t at = 0;
    while (at < size) {
        long n = file_map_at(v->file, to + at, size - at, offset + at);
        if (n < 0)
            return (int)n;
        if (n == 0)
            break;
        at += (uint64_t)n;
    }
    memset(to + at, 0, size - at); // the rest of the last page
    return 0;
}

uint8_t *space_staging(struct mm *mm)
{
    if (!mm->staging)
        mm->staging = kpages_alloc_dirty(STAGING_PAGES);
    return mm->staging;
}

int space_replace_staged(struct mm *mm, uint64_t start, uint64_t end, int access)
{
    uint8_t *contents[STAGING_PAGES];
    size_t count = (end - start) / PAGE_SIZE;
    for (size_t i = 0; i < count; i++)
        contents[i] = mm->staging + i * PAGE_SIZE;
    return target_memory_replace(start, count, access, (const uint8_t *const *)contents);
}

// File content is put together in kernel memory and appears as a whole.
static int commit_file(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    if (!space_staging(mm))
        return -ENOMEM;
    int r = space_fill(v, mm->staging, end - start, v->offset + (start - v->start));
    return r ? r : target_memory_commit_copy(start, end - start, v->prot, mm->staging);
}

// One run of uncommitted pages.
static int commit_run(struct mm *mm, const struct vma *v, uint64_t start, uint64_t end)
{
    if (pages_state(start) & PAGE_REMAINS)
        return remains_settle(v, start, end);
    ASSERT(!(pages_state(start) & (PAGE_SPARE | PAGE_HIDDEN)));
    size_t pages = (end - start) / PAGE_SIZE;
    int r = account_commit(pages);
    if (r)
        return r;
    r = v->file ? commit_file(mm, v, start, end) : target_memory_commit(start, end - start, v->prot);
    if (r) {
        account_release(pages);
        return r;
    }
    pages_set(start, end, (uint8_t)(PAGE_COMMITTED | v->prot));
    return 0;
}

static int commit_shared(struct mm *mm, struct vma *v, uint64_t start, uint64_t end)
{
    int r = 0;
    for (uint64_t page = start; !r && page < end; page += PAGE_SIZE)
        r = object_fault(mm, v, page, v->prot & PROT_WRITE);
    return r;
}

int space_commit(struct mm *mm, struct vma *v, uint64_t start, uint64_t end)
{
    if (vma_shared(v))
        return commit_shared(mm, v, start, end);
    int r = pages_prepare(start, end);
    while (!r && start < end) {
        uint64_t stop = pages_run(start, end);
        if (v->file && stop > start + STAGING_PAGES * PAGE_SIZE)
            stop = start + STAGING_PAGES * PAGE_SIZE;
        if (!(pages_state(start) & PAGE_COMMITTED))
            r = commit_run(mm, v, start, stop);
        start = stop;
    }
    return r;
}

void space_release_pages(uint64_t start, uint64_t end)
{
    while (start < end) {
        uint64_t stop = pages_run(start, end);
        if (pages_state(start) & PAGE_COMMITTED) {
            (void)target_memory_remove(start, stop - start); // stops the enclave if the host refuses
            account_release((stop - start) / PAGE_SIZE);
            pages_set(start, stop, 0);
        }
        start = stop;
    }
}

uint64_t space_file_end(const struct vma *v)
{
    uint64_t size = (file_size(v->file) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1), most = v->end - v->start;
    uint64_t there = size > v->offset ? size - v->offset : 0;
    return v->start + (there < most ? there : most);
}

// The pages to commit for a fault at `page`: an aligned window for files, a growing run for sequential anonymous memory.
static void fault_window(struct vma *v, uint64_t page, uint64_t *ret_start, uint64_t *ret_end)
{
    uint64_t pages = FILE_WINDOW;
    if (!v->file) {
        pages = page == v->next_fault && v->fault_pages ? v->fault_pages * 2 : ANONYMOUS_FIRST;
        pages = pages < ANONYMOUS_LEAST ? ANONYMOUS_LEAST : pages > ANONYMOUS_LAST ? ANONYMOUS_LAST : pages;
    }
    uint64_t size = pages * PAGE_SIZE;
    uint64_t start = v->file || (v->flags & MAP_GROWSDOWN) ? page & ~(size - 1) : page;
    uint64_t end = start + size, limit = v->file ? space_file_end(v) : v->end; // what is behind the file's end has to fault
    start = start < v->start ? v->start : start;
    end = end > limit ? limit : end;
    // Only the uncommitted run around the fault.
    for (uint64_t at = start; at < page; at += PAGE_SIZE)
        if (pages_state(at) & PAGE_COMMITTED)
            start = at + PAGE_SIZE;
    uint64_t stop = pages_run(page, end);
    v->next_fault = stop;
    v->fault_pages = (uint32_t)((stop - page) / PAGE_SIZE); // a young heap has one page, and its next fault wants few
    *ret_start = start;
    *ret_end = stop;
}

static int needed_prot(uint32_t error)
{
    return error & FAULT_FETCH ? PROT_EXEC : error & FAULT_WRITE ? PROT_WRITE : PROT_READ;
}

// MAP_GROWSDOWN: the mapping above a touched address takes it in, unless another one is near. The first stack has all of its size.
static struct vma *grow_down(struct mm *mm, uint64_t page)
{
    struct vma *v = vma_find(&mm->set, page);
    if (!v || !(v->flags & MAP_GROWSDOWN) || v->name || v->file || page < mm->low)
        return NULL;
    uint64_t limit = current_process()->rlimits[RLIMIT_STACK][0];
    const struct vma *below = v > mm->set.vmas ? v - 1 : NULL;
    if (v->end - page > limit || (below && below->prot && page - below->end < VMA_STACK_GAP))
        return NULL;
    remains_meet(mm, v, page, v->start);
    v->start = page;
    return v;
}

static int fault_locked(struct mm *mm, uint64_t address, uint32_t error)
{
    struct vma *v = vma_at(&mm->set, address);
    if (!v)
        v = grow_down(mm, address & ~(PAGE_SIZE - 1));
    if (!v)
        return -EFAULT;
    int allowed = v->prot & PROT_WRITE ? v->prot | PROT_READ : v->prot;
    if (!(allowed & needed_prot(error)) && !(needed_prot(error) == PROT_READ && (v->prot & PROT_EXEC)))
        return -EACCES;
    uint64_t page = address & ~(PAGE_SIZE - 1);
    if (vma_shared(v))
        return object_fault(mm, v, page, error & FAULT_WRITE);
    uint8_t state = pages_state(page);
    if (state & PAGE_COMMITTED) // else another thread was faster
        return (error & FAULT_WRITE) && !(state & PROT_WRITE) ? cow_write(mm, v, page) : 0;
    if (v->file && page >= space_file_end(v))
        return -EIO;
    uint64_t start, end;
    int r = pages_prepare(page & ~0x1ffffful, (page | 0x1ffffful) + 1);
    if (r)
        return r;
    fault_window(v, page, &start, &end);
    r = space_commit(mm, v, start, end);
    if (r && (start != page || end != page + PAGE_SIZE))
        r = space_commit(mm, v, page, page + PAGE_SIZE); // memory is short, or a neighbour's block is bad
    return r ? (r == -ENOMEM ? -ENOMEM : -EIO) : 0;
}

int space_touch(struct mm *mm, uint64_t address, bool write)
{
    return fault_locked(mm, address, write ? FAULT_WRITE : 0);
}

int mm_fault(struct mm *mm, uint64_t address, uint32_t error)
{
    if (__atomic_load_n(&mm->lost, __ATOMIC_ACQUIRE))
        return -ENOMEM; // nothing is read in place of what is lost
    mutex_lock(&mm->lock);
    int r = fault_locked(mm, address, error);
    mutex_unlock(&mm->lock);
    current_thread()->usage.faults += !r;
    return r;
}

// Makes the range present and writable to the kernel.
static int make_present(struct mm *mm, uint64_t address, size_t size)
{
    if (address > USER_END || size > USER_END - address)
        return -EFAULT;
    for (uint64_t page = address & ~(PAGE_SIZE - 1); page < address + size; page += PAGE_SIZE) {
        if (pages_state(page) & PAGE_COMMITTED)
            continue;
        int r = mm_fault(mm, page, FAULT_WRITE);
        if (r)
            return r;
    }
    return 0;
}

int mm_write(struct mm *mm, uint64_t address, const void *from, size_t size)
{
    int r = make_present(mm, address, size);
    if (!r)
        memcpy((void *)address, from, size);
    return r;
}

int mm_clear(struct mm *mm, uint64_t address, size_t size)
{
    int r = make_present(mm, address, size);
    if (!r)
        memset((void *)address, 0, size);
    return r;
}
