// SPDX-License-Identifier: MIT
#include "kernel/mm/shared.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/target.h"
#include "kernel/lib/check.h"
#include "kernel/mm/account.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"

struct area {
    struct area *next; // ascending
    uint64_t start, end;
};

static struct mutex lock;
/* guarded by lock: */
static struct area *areas;

// The lowest gap. The link where its area belongs, or NULL.
static struct area **find_gap(size_t size, uint64_t *ret_start)
{
    uint64_t at = SHARED_BASE;
    struct area **link = &areas;
    for (; *link; at = (*link)->end, link = &(*link)->next)
        if ((*link)->start - at >= size)
            break;
    *ret_start = at;
    return USER_END - at >= size ? link : NULL;
}

static int commit(const struct area *a)
{
    size_t pages = (a->end - a->start) / PAGE_SIZE;
    int r = account_commit(pages);
    if (r)
        return r;
    r = target_memory_commit(a->start, a->end - a->start, PROT_READ | PROT_WRITE);
    if (r)
        account_release(pages);
    return r;
}

int shared_area_new(size_t size, uint64_t *ret_address)
{
    struct area *a = size <= SHARED_SIZE ? kmalloc(sizeof(*a)) : NULL;
    if (!a)
        return -ENOMEM;
    mutex_lock(&lock);
    struct area **link = find_gap(size, &a->start);
    a->end = a->start + size;
    int r = link ? commit(a) : -ENOMEM;
    if (!r) {
        a->next = *link;
        *link = a;
        *ret_address = a->start;
    }
    mutex_unlock(&lock);
    if (r)
        kfree(a);
    return r ? -ENOMEM : 0;
}

void shared_area_free(uint64_t address)
{
    mutex_lock(&lock);
    struct area **link = &areas;
    while (*link && (*link)->start != address)
        link = &(*link)->next;
    struct area *a = *link;
    ASSERT(a);
    *link = a->next;
    (void)target_memory_remove(a->start, a->end - a->start); // stops the enclave if the host refuses
    account_release((a->end - a->start) / PAGE_SIZE);
    mutex_unlock(&lock);
    kfree(a);
}
