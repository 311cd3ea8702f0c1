// SPDX-License-Identifier: MIT
//
// process_vm_readv(2), process_vm_writev(2).
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/uio.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/visit.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/inspect.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"

enum { VECTOR_MOST = 1024, PIECE = 65536 /* at a time: spaces of one window take turns for each */ };

struct find {
    struct mm *mm;
    int error;
};

static void find(struct thread *t, void *context)
{
    struct find *f = context;
    const struct process *p = t->process;
    bool own = p->mm == current_process()->mm;
    f->error = !process_permits_inspection(p, /* as_for_files= */ false) ? -EPERM : !p->mm ? -ESRCH : 0;
    if (!f->error && !own)
        f->mm = mm_get(p->mm);
}

// The memory of a process that is not the caller's; a reference. *ret NULL: it is the caller's own.
static int find_memory(int pid, struct mm **ret)
{
    struct find f = {.error = -ESRCH};
    if (pid <= 0 || thread_visit(pid, find, &f))
        return -ESRCH;
    *ret = f.mm;
    return f.error;
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

static size_t rest_of(const struct cursor *c)
{
    size_t sum = 0;
    for (unsigned long i = c->index; i < c->count; i++)
        if (__builtin_add_overflow(sum, c->vector[i].iov_len - (i == c->index ? c->offset : 0), &sum))
            return SIZE_MAX;
    return sum;
}

struct transfer { // between a place in a vector and the kernel
    struct cursor *cursor;
    char *bytes;
    size_t size, done;
    bool store;
};

// Up to the first page that is not there.
static void transfer(void *context)
{
    struct transfer *t = context;
    char USER *at;
    while (t->done < t->size) {
        size_t left = t->size - t->done, here = cursor_here(t->cursor, &at), n = here < left ? here : left;
        char *bytes = t->bytes + t->done;
        size_t done = t->store ? copy_to_user_part(at, bytes, n) : copy_from_user_part(bytes, at, n);
        t->cursor->offset += done;
        t->done += done;
        if (!done || done < n)
            return;
    }
}

static size_t move(struct cursor *c, char *bytes, size_t size, bool store, struct mm *where)
{
    struct transfer t = {c, bytes, size, 0, store};
    mm_visit(where, transfer, &t);
    return t.done;
}

// NULL: the caller's own memory.
static long copy(struct cursor *to, struct mm *to_mm, struct cursor *from, struct mm *from_mm, char *piece)
{
    long done = 0;
    for (;;) {
        size_t room = rest_of(to), left = rest_of(from), n = room < left ? room : left;
        n = n < PIECE ? n : PIECE;
        if (!n)
            return done;
        size_t got = move(from, piece, n, /* store= */ false, from_mm), put = move(to, piece, got, /* store= */ true, to_mm);
        done += (long)put;
        if (put < n)
            return done ? done : -EFAULT;
    }
}

static bool is_empty(struct cursor *c)
{
    char USER *place;
    return !cursor_here(c, &place);
}

static long between(int pid, struct cursor *local, struct cursor *remote, bool write)
{
    struct mm *other;
    int r = find_memory(pid, &other);
    if (r)
        return r;
    char *piece = kmalloc(PIECE);
    long done = !piece ? -ENOMEM : write ? copy(remote, other, local, NULL, piece) : copy(local, NULL, remote, other, piece);
    kfree(piece);
    mm_visited(other);
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
