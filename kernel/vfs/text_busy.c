// SPDX-License-Identifier: MIT
#include "kernel/vfs/text_busy.h"

#include <stdbool.h>

#include <linux/errno.h>

#include "kernel/vfs/open_file.h"

// node->users: how many write, or negative: how many run it.
static int begin(struct node *n, int32_t step)
{
    int32_t now = __atomic_load_n(&n->users, __ATOMIC_RELAXED);
    do {
        if ((now > 0 && step < 0) || (now < 0 && step > 0))
            return -ETXTBSY;
    } while (!__atomic_compare_exchange_n(&n->users, &now, now + step, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    return 0;
}

int text_begin_write(struct node *n)
{
    return begin(n, 1);
}

void text_end_write(struct node *n)
{
    __atomic_sub_fetch(&n->users, 1, __ATOMIC_ACQ_REL);
}

int text_begin_run(struct file *f)
{
    return begin(f->node, -1);
}

void text_run_again(struct file *f)
{
    __atomic_sub_fetch(&f->node->users, 1, __ATOMIC_ACQ_REL);
}

void text_end_run(struct file *f)
{
    if (f)
        __atomic_add_fetch(&f->node->users, 1, __ATOMIC_ACQ_REL);
}
