// SPDX-License-Identifier: MIT
#include "kernel/mm/aside.h"

#include "kernel/mm/heap.h"
#include "kernel/mm/saved.h"
#include "kernel/mm/space.h"

void aside_lose(struct mm *mm)
{
    __atomic_store_n(&mm->lost, true, __ATOMIC_RELEASE);
}

void aside_keep(struct mm *mm, uint64_t page, uint8_t *content)
{
    if (content && !saved_put(&mm->saved, page, content))
        return;
    if (content)
        kpages_free(content, 1);
    aside_lose(mm);
}
