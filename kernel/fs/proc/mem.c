// SPDX-License-Identifier: MIT
//
// /proc/PID/mem: a process's memory at its addresses. Pages that the process may not write to cannot be written to here either.
#include <linux/errno.h>

#include "kernel/fs/proc/show.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/mm/visit.h"
#include "kernel/task/inspect.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"

static int mem_open(struct file *f)
{
    struct thread *t;
    struct process *p = subject_lock(subject_number(f->node), &t);
    if (!p)
        return -ESRCH;
    int r = process_permits_inspection(p, /* as_for_files= */ true) ? 0 : -EACCES;
    mutex_unlock(&p->lock);
    return r;
}

struct piece {
    char *kernel;
    uint64_t at;
    size_t size, done;
    bool store;
};

static void transfer(void *context)
{
    struct piece *p = context;
    p->done = p->store ? copy_to_user_part((char USER *)p->at, p->kernel, p->size)
                       : copy_from_user_part(p->kernel, (const char USER *)p->at, p->size);
}

static long copy(const struct file *f, struct piece *piece)
{
    struct thread *t;
    struct process *p = subject_lock(subject_number(f->node), &t);
    struct mm *other = p && p->mm && p->mm != current_process()->mm ? mm_get(p->mm) : NULL;
    bool gone = !p || !p->mm;
    if (p)
        mutex_unlock(&p->lock);
    if (gone)
        return 0;
    mm_visit(other, transfer, piece);
    mm_visited(other);
    return piece->done ? (long)piece->done : piece->size ? -EIO : 0;
}

static long mem_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    return copy(f, &(struct piece){to, offset, size, 0, false});
}

static long mem_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    return copy(f, &(struct piece){(char *)(uintptr_t)from, offset, size, 0, true});
}

const struct file_ops proc_mem_ops = {.visits = true, .open = mem_open, .read = mem_read, .write = mem_write};
