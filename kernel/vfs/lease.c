// SPDX-License-Identifier: MIT
#include "kernel/vfs/lease.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/signal_io.h"

#define BREAK_NS (45 * NS_PER_S) // as /proc/sys/fs/lease-break-time says

struct lease {
    struct lease *next; // of the node
    struct file *file;  // no reference: it takes its lease along when it goes
    int type, target;   // F_RDLCK, F_WRLCK; F_UNLCK. Not the same: somebody waits
    uint64_t deadline;  // then it becomes its target by itself
};

static struct mutex lock;
/* guarded by lock: node->leases, and */
static uint64_t changes;
static struct waitq changed; // after it was unlocked

static struct lease **find(struct node *n, const struct file *f)
{
    struct lease **link = &n->leases;
    while (*link && (*link)->file != f)
        link = &(*link)->next;
    return link;
}

// What is left of a lease that became `type`.
static void become(struct lease **link, int type)
{
    struct lease *l = *link;
    l->type = l->target = type;
    changes++;
    if (type != F_UNLCK)
        return;
    *link = l->next;
    kfree(l);
}

static void expire(struct node *n)
{
    for (struct lease **link = &n->leases, *l; (l = *link);) {
        const bool over = l->type != l->target && l->deadline <= clock_monotonic_ns(), goes = over && l->target == F_UNLCK;
        if (over)
            become(link, l->target);
        if (!goes)
            link = &l->next;
    }
}

static bool has_lease(const struct node *n)
{
    return __atomic_load_n(&n->leases, __ATOMIC_ACQUIRE);
}

// Would others be in the way? Those who write, of a lease for reading; of one for writing all who have it open.
static bool is_open_elsewhere(const struct node *n, int type)
{
    if (type == F_RDLCK)
        return __atomic_load_n(&n->users, __ATOMIC_ACQUIRE) > 0;
    return __atomic_load_n(&n->opens, __ATOMIC_ACQUIRE) > 1;
}

static long set_locked(struct file *f, int type, struct lease **fresh)
{
    struct node *n = f->node;
    expire(n);
    struct lease **link = find(n, f), *l = *link;
    if (type == F_UNLCK) {
        if (l)
            become(link, F_UNLCK);
        return l ? 0 : -EAGAIN;
    }
    if (is_open_elsewhere(n, type) || (l && l->type != l->target && l->target != type))
        return -EAGAIN;
    if (l) {
        become(link, type);
        return 0;
    }
    **fresh = (struct lease){.next = n->leases, .file = f, .type = type, .target = type};
    __atomic_store_n(&n->leases, *fresh, __ATOMIC_RELEASE);
    *fresh = NULL;
    return 0;
}

static int may_lease(const struct file *f, unsigned long type)
{
    if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK)
        return -EINVAL;
    if (!file_has_content(f))
        return -EINVAL;
    return current_thread()->cred.fsuid == f->node->uid || capable(CAP_LEASE) ? 0 : -EACCES;
}

long lease_set(struct file *f, int fd, unsigned long type)
{
    long r = may_lease(f, type);
    if (r)
        return r;
    struct lease *fresh = type == F_UNLCK ? NULL : kmalloc(sizeof(*fresh));
    if ((type != F_UNLCK && !fresh) || signal_io_own(f, fd)) {
        kfree(fresh);
        return -ENOMEM;
    }
    mutex_lock(&lock);
    r = set_locked(f, (int)type, &fresh);
    mutex_unlock(&lock);
    kfree(fresh);
    (void)waitq_wake(&changed, UINT32_MAX);
    return r;
}

long lease_get(const struct file *f)
{
    long type = F_UNLCK;
    if (!file_has_content(f))
        return type;
    mutex_lock(&lock);
    expire(f->node);
    const struct lease *l = *find(f->node, f);
    if (l)
        type = l->target;
    mutex_unlock(&lock);
    return type;
}

// A lease in the way, and of those one that was not told, if there is any.
static struct lease *in_the_way(const struct node *n, bool write)
{
    struct lease *found = NULL;
    for (struct lease *l = n->leases; l; l = l->next) {
        if (l->type != F_WRLCK && !write)
            continue;
        found = l;
        if (l->target != F_UNLCK && (write || l->target != F_RDLCK))
            break;
    }
    return found;
}

// 1: there is one in the way, and nobody has to be told. *ret_tell: who has, with a reference.
static int look(struct node *n, bool write, struct file **ret_tell, uint64_t *ret_seen, uint64_t *ret_deadline)
{
    const int target = write ? F_UNLCK : F_RDLCK;
    *ret_tell = NULL;
    expire(n);
    struct lease *l = in_the_way(n, write);
    if (!l)
        return 0;
    if (l->target != F_UNLCK && l->target != target) {
        if (l->type == l->target)
            l->deadline = clock_monotonic_ns() + BREAK_NS;
        l->target = target;
        *ret_tell = file_get_alive(l->file);
    }
    *ret_seen = changes;
    *ret_deadline = l->deadline;
    return 1;
}

int lease_break(struct node *n, bool write, bool wait)
{
    while (has_lease(n)) {
        struct file *tell;
        uint64_t seen, deadline;
        mutex_lock(&lock);
        int r = look(n, write, &tell, &seen, &deadline);
        mutex_unlock(&lock);
        if (!r)
            break;
        if (tell) {
            signal_io_tell_lease(tell);
            file_put(tell);
            continue; // there may be others
        }
        if (!wait)
            return -EAGAIN;
        r = wait_event(&changed, __atomic_load_n(&changes, __ATOMIC_ACQUIRE) != seen, deadline);
        if (r == -EINTR)
            return r;
    }
    return 0;
}

void lease_released(const struct file *f)
{
    if (!f->node || !has_lease(f->node))
        return;
    mutex_lock(&lock);
    struct lease **link = find(f->node, f);
    bool any = *link;
    if (any)
        become(link, F_UNLCK);
    mutex_unlock(&lock);
    if (any)
        (void)waitq_wake(&changed, UINT32_MAX);
}
