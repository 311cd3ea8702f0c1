// SPDX-License-Identifier: MIT
#include "kernel/vfs/size_limit.h"

#include <asm/resource.h>
#include <asm/signal.h>
#include <linux/errno.h>

#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "kernel/vfs/node.h"

static uint64_t limit(void)
{
    const struct process *p = current_process();
    return p ? p->rlimits[RLIMIT_FSIZE][0] : UINT64_MAX; // before the first process the kernel itself writes
}

static int refuse(void)
{
    signal_send_self(SIGXFSZ);
    return -EFBIG;
}

long size_limit_write(uint64_t offset, size_t size)
{
    uint64_t most = limit();
    if (!size)
        return 0;
    if (offset >= most)
        return refuse();
    return (long)(size < most - offset ? size : most - offset);
}

int size_limit_grow(const struct node *n, uint64_t size)
{
    return size > n->size && size > limit() ? refuse() : 0;
}
