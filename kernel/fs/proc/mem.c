// SPDX-License-Identifier: MIT
//
// /proc/PID/mem: a process's memory at its addresses. A process sees its own, and that of others who have the same; pages that it may not
// write to it cannot write to here either.
#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/fs/proc/show.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"

static bool is_own(const struct file *f)
{
    struct thread *t;
    struct process *p = subject_lock(subject_number(f->node), &t);
    bool own = p && p->mm == current_process()->mm;
    if (p)
        mutex_unlock(&p->lock);
    return own;
}

static int mem_open(struct file *f)
{
    return is_own(f) ? 0 : -EACCES;
}

typedef int copy_piece(void *kernel, uint64_t at, size_t size);

static int from_program(void *kernel, uint64_t at, size_t size)
{
    return copy_from_user(kernel, (const char USER *)at, size);
}

static int to_program(void *kernel, uint64_t at, size_t size)
{
    return copy_to_user((char USER *)at, kernel, size);
}

// Page by page, up to the first that is not there.
static long copy(struct file *f, void *kernel, size_t size, uint64_t at, copy_piece *piece)
{
    size_t done = 0;
    if (!is_own(f)) // it was forked or has executed since
        return 0;
    while (done < size) {
        size_t to_page = PAGE_SIZE - (at + done) % PAGE_SIZE, n = size - done < to_page ? size - done : to_page;
        if (piece((char *)kernel + done, at + done, n))
            break;
        done += n;
    }
    return done ? (long)done : size ? -EIO : 0;
}

static long mem_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    return copy(f, to, size, offset, from_program);
}

static long mem_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    return copy(f, (void *)(uintptr_t)from, size, offset, to_program);
}

const struct file_ops proc_mem_ops = {.open = mem_open, .read = mem_read, .write = mem_write};
