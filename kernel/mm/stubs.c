// SPDX-License-Identifier: MIT
//
// Memory for the rewriter: stubs near the code they serve, and writes to the program's text.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"

#define STUB_POOL_SIZE 0x10000ul
#define REACH 0x40000000ul // well inside rel32

static bool reaches(uint64_t a, uint64_t b)
{
    return a > b ? a - b < REACH : b - a < REACH;
}

static bool pool_serves(const struct mm *mm, uint64_t near_address, size_t size)
{
    return mm->stubs_next && mm->stubs_end - mm->stubs_next >= size && reaches(mm->stubs_next, near_address);
}

static uint64_t find_near(const struct mm *mm, uint64_t near_address)
{
    uint64_t low = near_address > REACH ? near_address - REACH + STUB_POOL_SIZE : mm->low;
    uint64_t high = near_address + REACH - STUB_POOL_SIZE;
    low = low < mm->low ? mm->low : low;
    high = high > mm->high ? mm->high : high;
    uint64_t below = vma_find_gap(&mm->set, low, near_address < high ? near_address : high, STUB_POOL_SIZE);
    return below ? below : vma_find_gap(&mm->set, low, high, STUB_POOL_SIZE);
}

static int new_pool(struct mm *mm, uint64_t near_address)
{
    uint64_t at = find_near(mm, near_address);
    if (!at || vma_reserve(&mm->set, 2))
        return -ENOMEM;
    struct vma v = {.start = at,
                    .end = at + STUB_POOL_SIZE,
                    .prot = PROT_READ | PROT_EXEC,
                    .flags = MAP_PRIVATE | MAP_ANONYMOUS,
                    .name = "[syscall]"};
    struct vma *in = vma_insert(&mm->set, &v);
    int r = space_commit(mm, in, at, at + PAGE_SIZE);
    if (r) {
        (void)space_unmap(mm, at, at + STUB_POOL_SIZE);
        return r;
    }
    mm->stubs_next = at;
    mm->stubs_end = at + STUB_POOL_SIZE;
    return 0;
}

uint64_t mm_stub_alloc(struct mm *mm, uint64_t near_address, size_t size)
{
    uint64_t stub = 0;
    size = (size + 15) & ~15ul;
    mutex_lock(&mm->lock);
    if (pool_serves(mm, near_address, size) || !new_pool(mm, near_address)) {
        stub = mm->stubs_next;
        mm->stubs_next += size;
        struct vma *v = vma_at(&mm->set, stub);
        if (!v || space_commit(mm, v, stub & ~(PAGE_SIZE - 1), ((stub + size - 1) | (PAGE_SIZE - 1)) + 1))
            stub = 0;
    }
    mutex_unlock(&mm->lock);
    return stub;
}

uint64_t mm_object_base(struct mm *mm, uint64_t address)
{
    uint64_t base = 0;
    mutex_lock(&mm->lock);
    const struct vma *v = vma_at(&mm->set, address);
    const struct file *file = v ? v->file : NULL;
    for (; file && v >= mm->set.vmas && v->file == file; v--)
        if (!v->offset) {
            base = v->start;
            break;
        }
    mutex_unlock(&mm->lock);
    return base;
}

// One store where it can be one: another thread may be executing these bytes.
static void store(uint64_t address, const void *bytes, size_t size)
{
    if (size == 2) {
        uint16_t v;
        memcpy(&v, bytes, 2);
        __atomic_store_n((uint16_t *)address, v, __ATOMIC_SEQ_CST);
        return;
    }
    uint64_t word = address & ~7ul;
    if (address + size > word + 8) {
        memcpy((void *)address, bytes, size);
        return;
    }
    uint64_t value = *(const uint64_t *)word;
    memcpy((char *)&value + (address - word), bytes, size);
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_SEQ_CST);
}

static int text_write_locked(struct mm *mm, uint64_t address, const void *bytes, size_t size)
{
    uint64_t start = address & ~(PAGE_SIZE - 1), end = ((address + size - 1) | (PAGE_SIZE - 1)) + 1;
    const struct vma *v = vma_at(&mm->set, address);
    if (!v || address + size > v->end || !(v->prot & PROT_EXEC))
        return -EFAULT;
    for (uint64_t p = start; p < end; p += PAGE_SIZE)
        if (pages_state(p) != (PAGE_COMMITTED | v->prot))
            return -EFAULT;
    int all = PROT_READ | PROT_WRITE | PROT_EXEC;
    int r = v->prot == all ? 0 : target_memory_protect(start, end - start, v->prot, all);
    if (r)
        return r;
    store(address, bytes, size);
    return v->prot == all ? 0 : target_memory_protect(start, end - start, all, v->prot);
}

int mm_text_write(struct mm *mm, uint64_t address, const void *bytes, size_t size)
{
    mutex_lock(&mm->lock);
    int r = text_write_locked(mm, address, bytes, size);
    mutex_unlock(&mm->lock);
    return r;
}
