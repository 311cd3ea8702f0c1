// SPDX-License-Identifier: MIT
#include "kernel/sync/futex_queue.h"

#include <linux/errno.h>

#include "kernel/sync/user_atomic.h"

static struct waitq queues[FUTEX_QUEUES];

struct waitq *futex_queue(struct futex_key key)
{
    uint64_t h = (key.offset >> 2 ^ key.space >> 4) * 0x9e3779b97f4a7c15ul;
    return &queues[h >> 56];
}
_Static_assert(FUTEX_QUEUES == 256, "futex_queue takes 8 bits");

struct waitq *futex_queue_at(unsigned index)
{
    return &queues[index];
}

bool futex_waits(struct waiter *w, struct futex_key key)
{
    const struct futex_waiter *f = futex_waiter(w);
    return f->key.space == key.space && f->key.offset == key.offset;
}

void futex_move_locked(struct waiter *w, struct waitq *to, struct futex_key key)
{
    waiter_unlink_locked(w);
    futex_waiter(w)->key = key;
    waiter_append_locked(to, w);
}

void futex_lock_two(struct waitq *a, struct waitq *b)
{
    if (a > b) {
        struct waitq *c = a;
        a = b;
        b = c;
    }
    spin_lock(&a->lock);
    if (a != b)
        spin_lock(&b->lock);
}

void futex_unlock_two(struct waitq *a, struct waitq *b)
{
    spin_unlock(&a->lock);
    if (a != b)
        spin_unlock(&b->lock);
}

int futex_check_word(uint64_t address, uint32_t *ret_value)
{
    if (address % sizeof(uint32_t))
        return -EINVAL;
    return user_load32(address, ret_value);
}

int futex_enqueue(struct futex_waiter *f, uint64_t address, uint32_t expected)
{
    uint32_t value;
    struct waitq *q = futex_queue(f->key);
    int r = futex_check_word(address, &value);
    if (r || value != expected)
        return r ? r : -EAGAIN;
    spin_lock(&q->lock);
    r = user_load32(address, &value);
    if (!r && value != expected)
        r = -EAGAIN;
    if (!r)
        waiter_append_locked(q, &f->waiter);
    spin_unlock(&q->lock);
    return r;
}
