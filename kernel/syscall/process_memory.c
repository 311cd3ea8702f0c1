// SPDX-License-Identifier: MIT
//
// process_vm_readv(2), process_vm_writev(2), for a process that looks at its own memory (stack unwinders, checks of pointers). Other
// processes do not see it: each has a memory of its own that nobody else reaches.
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/uio.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

enum { VECTOR_MOST = 1024, PIECE = 4096 };

// 0, -ESRCH, -EPERM.
static int check_process(int pid)
{
    struct process *self = current_process();
    mutex_lock(&self->lock);
    bool mine = pid == self->pid || thread_find_locked(self, pid);
    mutex_unlock(&self->lock);
    if (mine)
        return 0;
    struct process *p = process_find_lock(pid);
    if (!p)
        return -ESRCH;
    bool same = p->mm == self->mm;
    mutex_unlock(&p->lock);
    return same ? 0 : -EPERM;
}

struct cursor { // a place in a vector
    struct iovec *vector;
    unsigned long count, index;
    size_t offset;
};

static int cursor_init(struct cursor *c, const void USER *vector, unsigned long count)
{
    *c = (struct cursor){.count = count};
    if (count > VECTOR_MOST)
        return -EINVAL;
    c->vector = kmalloc(count * sizeof(*c->vector) + 1);
    if (!c->vector)
        return -ENOMEM;
    if (copy_from_user(c->vector, vector, count * sizeof(*c->vector)))
        return -EFAULT;
    for (unsigned long i = 0; i < count; i++)
        if ((long)c->vector[i].iov_len < 0)
            return -EINVAL;
    return 0;
}

// How much follows here without a gap; 0: the end.
static size_t cursor_here(struct cursor *c, char USER **ret)
{
    while (c->index < c->count && c->offset == c->vector[c->index].iov_len) {
        c->index++;
        c->offset = 0;
    }
    if (c->index == c->count)
        return 0;
    *ret = (char USER *)c->vector[c->index].iov_base + c->offset;
    return c->vector[c->index].iov_len - c->offset;
}

static long copy(struct cursor *to, struct cursor *from, char *piece)
{
    char USER *target, USER *source;
    long done = 0;
    for (;;) {
        size_t room = cursor_here(to, &target), left = cursor_here(from, &source), n = room < left ? room : left;
        n = n < PIECE ? n : PIECE;
        size_t to_page = PIECE - (uint64_t)source % PIECE; // as on Linux, up to the page that is not there
        n = n < to_page ? n : to_page;
        if (!n)
            return done;
        if (copy_from_user(piece, source, n) || copy_to_user(target, piece, n))
            return done ? done : -EFAULT;
        to->offset += n;
        from->offset += n;
        done += (long)n;
    }
}

static bool is_empty(struct cursor *c)
{
    char USER *place;
    return !cursor_here(c, &place);
}

static long between(int pid, struct cursor *local, struct cursor *remote, bool write)
{
    int r = check_process(pid);
    if (r)
        return r;
    char *piece = kmalloc(PIECE);
    if (!piece)
        return -ENOMEM;
    long done = write ? copy(remote, local, piece) : copy(local, remote, piece);
    kfree(piece);
    return done;
}

static long process_memory(int pid, const void USER *local, unsigned long local_count, const void USER *remote, unsigned long remote_count,
                           unsigned long flags, bool write)
{
    struct cursor l, m = {0};
    if (flags)
        return -EINVAL;
    long r = cursor_init(&l, local, local_count);
    if (!r && !is_empty(&l)) {
        r = cursor_init(&m, remote, remote_count);
        if (!r && !is_empty(&m)) // no process is asked for without need
            r = between(pid, &l, &m, write);
    }
    kfree(l.vector);
    kfree(m.vector);
    return r;
}

long sys_process_vm_readv(int pid, const void USER *local, unsigned long local_count, const void USER *remote, unsigned long remote_count,
                          unsigned long flags)
{
    return process_memory(pid, local, local_count, remote, remote_count, flags, /* write= */ false);
}

long sys_process_vm_writev(int pid, const void USER *local, unsigned long local_count, const void USER *remote, unsigned long remote_count,
                           unsigned long flags)
{
    return process_memory(pid, local, local_count, remote, remote_count, flags, /* write= */ true);
}
