// SPDX-License-Identifier: MIT
//
// The locks of a file are a list at its node, sorted by owner's arrival only: there are few. One mutex for all of them, and one
// queue for all who wait, who look again after every change.
#include "kernel/vfs/lock.h"

#include <stddef.h>

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/mm/heap.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/open_file.h"

struct file_lock {
    struct file_lock *next;
    struct lock_request has;
};

struct blocked { // a process that waits for a record lock
    struct blocked *next;
    const void *owner, *waits_for;
};

static struct mutex lock;
/* guarded by lock: */
static struct blocked *blocked;
static uint64_t changes;
static struct waitq changed; // after it was unlocked

static bool overlaps(const struct lock_request *a, const struct lock_request *b)
{
    return a->start <= b->last && b->start <= a->last;
}

static bool conflicts(const struct lock_request *has, const struct lock_request *q)
{
    return has->kind == q->kind && has->owner != q->owner && overlaps(has, q) && (has->exclusive || q->exclusive);
}

// The first in the file.
static struct file_lock *conflict(const struct node *n, const struct lock_request *q)
{
    struct file_lock *first = NULL;
    for (struct file_lock *l = n->locks; l; l = l->next)
        if (conflicts(&l->has, q) && (!first || l->has.start < first->has.start))
            first = l;
    return first;
}

// Would waiting for `owner` be waiting for oneself?
static bool is_circle(const void *me, const void *owner)
{
    for (unsigned i = 0; i < 64; i++) { // longer chains are no circles that anybody made
        if (owner == me)
            return true;
        const struct blocked *b = blocked;
        while (b && b->owner != owner)
            b = b->next;
        if (!b)
            return false;
        owner = b->waits_for;
    }
    return false;
}

static bool is_own(const struct file_lock *l, const struct lock_request *q)
{
    return l->has.kind == q->kind && l->has.owner == q->owner;
}

// Takes the range out of what the owner has. `spare` becomes the second half where a lock is split.
static void cut(struct node *n, const struct lock_request *q, struct file_lock **spare)
{
    for (struct file_lock **link = &n->locks, *l; (l = *link);) {
        if (!is_own(l, q) || !overlaps(&l->has, q)) {
            link = &l->next;
            continue;
        }
        bool left = l->has.start < q->start, right = l->has.last > q->last;
        if (left && right) {
            **spare = (struct file_lock){l->next, l->has};
            (*spare)->has.start = q->last + 1;
            l->next = *spare;
            *spare = NULL;
        }
        if (left)
            l->has.last = q->start - 1;
        else if (right)
            l->has.start = q->last + 1;
        if (left || right) {
            link = &l->next;
            continue;
        }
        *link = l->next;
        kfree(l);
    }
}

// Grows the request by what the owner has right beside it, of the same kind.
static void absorb(struct node *n, struct lock_request *q)
{
    for (struct file_lock **link = &n->locks, *l; (l = *link);) {
        bool touches = l->has.last + 1 == q->start || (q->last != UINT64_MAX && q->last + 1 == l->has.start);
        if (!is_own(l, q) || l->has.exclusive != q->exclusive || !touches) {
            link = &l->next;
            continue;
        }
        q->start = l->has.start < q->start ? l->has.start : q->start;
        q->last = l->has.last > q->last ? l->has.last : q->last;
        *link = l->next;
        kfree(l);
    }
}

static void set_locked(struct node *n, const struct lock_request *request, struct file_lock *fresh, struct file_lock **spare)
{
    struct lock_request q = *request;
    cut(n, &q, spare);
    if (!q.unlock) {
        absorb(n, &q);
        *fresh = (struct file_lock){n->locks, q};
        n->locks = fresh;
    } else {
        kfree(fresh);
    }
    changes++;
}

static int wait_for_change(uint64_t seen)
{
    return wait_event(&changed, __atomic_load_n(&changes, __ATOMIC_ACQUIRE) != seen, UINT64_MAX);
}

// One attempt. 1: wait for a change after *ret_seen, me->waits_for is in the way.
static int attempt(struct node *n, const struct lock_request *q, bool wait, struct file_lock *fresh, struct file_lock **spare,
                   struct blocked *me, uint64_t *ret_seen)
{
    bool of_process = q->kind == LOCK_RECORD && q->pid >= 0;
    const struct file_lock *other = q->unlock ? NULL : conflict(n, q);
    if (!other) {
        set_locked(n, q, fresh, spare);
        return 0;
    }
    if (q->kind == LOCK_WHOLE && n->locks) { // a conversion gives up what it had, as on Linux
        const struct lock_request gone = {.kind = q->kind, .owner = q->owner, .last = UINT64_MAX};
        cut(n, &gone, spare);
        changes++;
    }
    if (!wait)
        return -EAGAIN;
    if (of_process && is_circle(q->owner, other->has.owner))
        return -EDEADLK;
    *me = (struct blocked){of_process ? blocked : NULL, q->owner, other->has.owner};
    if (of_process)
        blocked = me;
    *ret_seen = changes;
    return 1;
}

static void unblock(const struct blocked *me)
{
    mutex_lock(&lock);
    struct blocked **link = &blocked;
    while (*link && *link != me)
        link = &(*link)->next;
    if (*link)
        *link = me->next;
    mutex_unlock(&lock);
}

int lock_set(struct file *f, const struct lock_request *request, bool wait)
{
    struct file_lock *fresh = kmalloc(sizeof(*fresh)), *spare = kmalloc(sizeof(*spare));
    struct blocked me;
    uint64_t seen;
    int r = fresh && spare ? 1 : -ENOMEM;
    while (r == 1) {
        mutex_lock(&lock);
        r = attempt(f->node, request, wait, fresh, &spare, &me, &seen);
        mutex_unlock(&lock);
        if (r <= 0)
            break;
        int woken = wait_for_change(seen);
        unblock(&me);
        r = woken ? woken : 1;
    }
    if (r)
        kfree(fresh);
    kfree(spare);
    (void)waitq_wake(&changed, UINT32_MAX);
    return r;
}

bool lock_find(struct file *f, const struct lock_request *request, struct lock_request *ret)
{
    mutex_lock(&lock);
    const struct file_lock *l = conflict(f->node, request);
    if (l)
        *ret = l->has;
    mutex_unlock(&lock);
    return l;
}

static void drop(struct node *n, const void *owner)
{
    if (!n || !__atomic_load_n(&n->locks, __ATOMIC_ACQUIRE))
        return;
    bool any = false;
    mutex_lock(&lock);
    for (struct file_lock **link = &n->locks, *l; (l = *link);) {
        if (l->has.owner != owner) {
            link = &l->next;
            continue;
        }
        *link = l->next;
        kfree(l);
        any = true;
    }
    changes += any;
    mutex_unlock(&lock);
    if (any)
        (void)waitq_wake(&changed, UINT32_MAX);
}

void lock_closed(struct file *f, const struct fd_table *owner)
{
    if (!(f->flags & O_PATH)) // which only names the file
        drop(f->node, owner);
}

void lock_released(struct file *f)
{
    drop(f->node, f);
}
