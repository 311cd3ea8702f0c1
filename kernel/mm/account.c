// SPDX-License-Identifier: MIT
#include "kernel/mm/account.h"

#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/boot/config.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"

static uint64_t committed_pages;

uint64_t mm_limit(void)
{
    return config_get()->memory_size;
}

uint64_t mm_committed(void)
{
    return __atomic_load_n(&committed_pages, __ATOMIC_RELAXED) * PAGE_SIZE;
}

static int try_commit(size_t pages)
{
    uint64_t now = __atomic_add_fetch(&committed_pages, pages, __ATOMIC_RELAXED);
    if (now <= mm_limit() / PAGE_SIZE)
        return 0;
    account_release(pages);
    return -ENOMEM;
}

int account_commit(size_t pages)
{
    int r = try_commit(pages);
    return r && windows_reclaim() ? try_commit(pages) : r;
}

static bool has_room(size_t pages)
{
    return mm_committed() / PAGE_SIZE + pages <= mm_limit() / PAGE_SIZE + kpages_free_count();
}

bool account_has_room(size_t pages)
{
    return has_room(pages) || (windows_reclaim() && has_room(pages));
}

void account_release(size_t pages)
{
    __atomic_sub_fetch(&committed_pages, pages, __ATOMIC_RELAXED);
}
