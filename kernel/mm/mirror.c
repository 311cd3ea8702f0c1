// SPDX-License-Identifier: MIT
#include "kernel/mm/mirror.h"

#include <linux/mman.h>
#include <stddef.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/saved.h"
#include "kernel/mm/space.h"

enum { MOST = 1024 }; // pages of a space

uint8_t *mirror_take(struct mm *mm, uint64_t page)
{
    uint8_t *content = mm->mirrored ? saved_take(&mm->mirror, page) : NULL;
    mm->mirrored -= content != NULL;
    return content;
}

uint8_t *mirror_take_or_copy(struct mm *mm, uint64_t page)
{
    uint8_t *content = mirror_take(mm, page);
    if (!content && (content = kpages_alloc_dirty(1)))
        memcpy(content, (const void *)page, PAGE_SIZE);
    return content;
}

// What old had closed there may be open for mm.
static bool stays_as_it_is(const struct mm *mm, uint64_t page)
{
    const struct vma *v = vma_find(&mm->set, page);
    return v && v->start <= page && !(v->prot & PROT_WRITE) && !vma_shared(v);
}

void mirror_keep(struct mm *mm, uint64_t page, uint8_t *content)
{
    uint8_t *before = mirror_take(mm, page);
    if (before)
        kpages_free(before, 1);
    if (stays_as_it_is(mm, page) && mm->mirrored < MOST && !saved_put(&mm->mirror, page, content))
        mm->mirrored++;
    else
        kpages_free(content, 1);
}

static void drop(struct mm *mm, uint64_t start, uint64_t end)
{
    for (uint64_t at = saved_next(&mm->mirror, start); mm->mirrored && at < end; at = saved_next(&mm->mirror, at + PAGE_SIZE))
        kpages_free(mirror_take(mm, at), 1);
}

void mirror_drop(struct mm *mm, uint64_t start, uint64_t end)
{
    for (struct mm *m = mm->window->members; m; m = m->next_member)
        if (m->mirrored && m->rewritten == mm->rewritten)
            drop(m, start, end);
}
