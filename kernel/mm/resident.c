// SPDX-License-Identifier: MIT
//
// Memory is committed before it is touched, in runs, and an enclave has no bits that tell of a touch. So a page counts as being in memory
// when something is in it: a page of zeros reads the same, there or not, unless it was locked to be there. A file's page counts too when
// the file has something there: on Linux it would be in the page cache.
#include "kernel/mm/resident.h"

#include <stdbool.h>

#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/mm/object.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/open_file.h"

static bool all_zero(uint64_t page)
{
    const uint64_t *words = (const uint64_t *)page;
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i++)
        if (words[i])
            return false;
    return true;
}

static bool file_has(const struct vma *v, uint64_t page)
{
    struct node *n = v->file ? v->file->node : NULL;
    const uint64_t offset = v->offset + (page - v->start);
    if (!n || !file_has_content(v->file))
        return false;
    object_enter(n);
    bool has = offset < n->size && !content_is_hole(n, offset, PAGE_SIZE);
    object_leave(n);
    return has;
}

static bool is_resident(const struct vma *v, uint64_t page)
{
    const uint8_t state = pages_state(page);
    if (state & PAGE_COMMITTED && (v->flags & MAP_LOCKED || !(state & PROT_READ) || !all_zero(page)))
        return true;
    return file_has(v, page);
}

size_t mm_resident(struct mm *mm, uint64_t address, size_t count, uint8_t *there)
{
    size_t i = 0;
    mutex_lock(&mm->lock);
    for (const struct vma *v; i < count && (v = vma_at(&mm->set, address + i * PAGE_SIZE)); i++)
        there[i] = is_resident(v, address + i * PAGE_SIZE);
    mutex_unlock(&mm->lock);
    return i;
}
