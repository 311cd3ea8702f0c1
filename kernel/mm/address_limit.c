// SPDX-License-Identifier: MIT
#include "kernel/mm/address_limit.h"

#include <linux/mman.h>
#include <linux/resource.h>

#include "abi/layout.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/mm/stubs.h"
#include "kernel/task/task.h"

// The first stack has all its addresses from the start; on Linux they come as it grows. What the kernel has put there does not count.
uint64_t space_countable_pages(const struct vma *v)
{
    if (stubs_is_pool(v))
        return 0;
    if (!(v->flags & MAP_GROWSDOWN))
        return (v->end - v->start) / PAGE_SIZE;
    return pages_committed(v->start, v->end);
}

static bool is_data(const struct vma *v)
{
    return (v->prot & PROT_WRITE) && !vma_shared(v) && !(v->flags & MAP_GROWSDOWN);
}

static uint64_t overlap(const struct vma *v, uint64_t start, uint64_t end)
{
    uint64_t low = v->start > start ? v->start : start, high = v->end < end ? v->end : end;
    return low < high ? high - low : 0;
}

bool space_may_map(const struct mm *mm, uint64_t size, const struct vma *as, uint64_t start, uint64_t end)
{
    const struct process *p = current_process();
    const bool data = is_data(as);
    const uint64_t most = p->rlimits[RLIMIT_AS][0], most_data = data ? p->rlimits[RLIMIT_DATA][0] : RLIM64_INFINITY;
    if (p->mm != mm) // exec: the new program's
        return true;
    if (mm->set.count > MAPPINGS_MOST)
        return false;
    if (most >= mm->high - mm->low && most_data >= mm->high - mm->low)
        return true;
    uint64_t all = size, of_data = size;
    for (size_t i = 0; i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        uint64_t n = space_countable_pages(v) * PAGE_SIZE - overlap(v, start, end);
        all += n;
        of_data += is_data(v) ? n : 0;
    }
    return all <= most && of_data <= most_data;
}

bool space_may_part(const struct mm *mm, uint64_t start, uint64_t end)
{
    const struct vma *v = vma_at(&mm->set, start);
    return mm->set.count < MAPPINGS_MOST || !v || v->start == start || v->end <= end;
}
