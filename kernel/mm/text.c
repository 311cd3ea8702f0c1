// SPDX-License-Identifier: MIT
//
// Writes to the program's text, and what is known of the objects there.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"

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
    struct vma *v = vma_at(&mm->set, address);
    if (!v || address + size > v->end || !(v->prot & PROT_EXEC) ||
        (vma_shared(v) && (v->prot & PROT_WRITE))) // it would reach the file
        return -EFAULT;
    for (uint64_t p = start; p < end; p += PAGE_SIZE)
        if ((pages_state(p) & PAGE_REMAINS) && space_commit(mm, v, p, p + PAGE_SIZE))
            return -EFAULT;
    for (uint64_t p = start; p < end; p += PAGE_SIZE)
        if (pages_state(p) != (PAGE_COMMITTED | v->prot))
            return -EFAULT;
    mirror_drop(mm, start, end);
    int all = PROT_READ | PROT_WRITE | PROT_EXEC;
    int r = v->prot == all ? 0 : target_memory_open(start, end - start, v->prot, all);
    if (r)
        return r;
    store(address, bytes, size);
    return v->prot == all ? 0 : target_memory_protect(start, end - start, all, v->prot);
}

// At most as many pages as are staged at once.
static int fill_text_locked(struct mm *mm, uint64_t start, const void *from, size_t size)
{
    uint64_t end = (start + size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    struct vma *v = vma_at(&mm->set, start);
    if (!v || end > v->end || vma_shared(v) || end - start > STAGING_PAGES * PAGE_SIZE)
        return -EFAULT;
    uint8_t *staging = space_staging(mm);
    int r = staging ? space_commit(mm, v, start, end) : -ENOMEM;
    if (r)
        return r;
    mirror_drop(mm, start, end);
    memcpy(staging, from, size);
    memset(staging + size, 0, end - start - size);
    return space_replace_staged(mm, start, end, v->prot);
}

int mm_fill_text(struct mm *mm, uint64_t address, const void *from, size_t size)
{
    mutex_lock(&mm->lock);
    int r = fill_text_locked(mm, address, from, size);
    mutex_unlock(&mm->lock);
    return r;
}

int mm_text_write(struct mm *mm, uint64_t address, const void *bytes, size_t size)
{
    mutex_lock(&mm->lock);
    int r = text_write_locked(mm, address, bytes, size);
    mutex_unlock(&mm->lock);
    return r;
}
