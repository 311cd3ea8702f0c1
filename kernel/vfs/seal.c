// SPDX-License-Identifier: MIT
#include "kernel/vfs/seal.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/mm/mm.h"
#include "kernel/mm/object.h"
#include "kernel/mm/vma.h"
#include "kernel/task/task.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/open_file.h"

enum {
    KNOWN = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE,
    NO_WRITE = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE
};

static bool has_seals(const struct file *f)
{
    return f->node && f->node->seals & SEALS_KEPT;
}

static int add_locked(struct node *n, unsigned seals)
{
    if (n->seals & F_SEAL_SEAL)
        return -EPERM;
    n->seals |= seals;
    return 0;
}

struct mapping_of {
    const struct node *node;
    bool writes;
};

static void look(const struct vma *v, void *context)
{
    struct mapping_of *m = context;
    m->writes |= v->file && v->file->node == m->node && vma_shared(v) && v->prot & PROT_WRITE;
}

// Does this process write into it through a mapping? Those of others are not looked at.
static bool is_mapped_to_write(const struct node *n)
{
    struct mapping_of m = {.node = n};
    mm_for_each_vma(current_process()->mm, look, &m);
    return m.writes;
}

long seal_add(struct file *f, unsigned seals)
{
    if (!file_writable(f))
        return -EPERM;
    if (!has_seals(f) || seals & ~(unsigned)KNOWN)
        return -EINVAL;
    if (seals & F_SEAL_WRITE && is_mapped_to_write(f->node))
        return -EBUSY;
    object_enter(f->node);
    int r = add_locked(f->node, seals);
    object_leave(f->node);
    return r;
}

long seal_get(const struct file *f)
{
    return has_seals(f) ? (long)(f->node->seals & ~SEALS_KEPT) : -EINVAL;
}

int seal_check_write(const struct node *n, uint64_t offset, uint64_t size)
{
    if (size && n->seals & NO_WRITE)
        return -EPERM;
    return n->seals & F_SEAL_GROW && size && offset + size > n->size ? -EPERM : 0;
}

int seal_check_size(const struct node *n, uint64_t size)
{
    return (size < n->size && n->seals & F_SEAL_SHRINK) || (size > n->size && n->seals & F_SEAL_GROW) ? -EPERM : 0;
}

bool seal_allows_mapping(const struct file *f)
{
    return !has_seals(f) || !(f->node->seals & NO_WRITE);
}
