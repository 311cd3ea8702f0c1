// SPDX-License-Identifier: MIT
//
// kcmp(2): do two processes share what it is asked about? Addresses are compared, and none is told: they are mixed with a secret that is
// made when first asked for, one for each kind.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kcmp.h>

#include "kernel/crypto/crypto.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/inspect.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/file.h"

struct side { // one of the two
    int type;
    unsigned long fd;
    const void *what;
    int error;
    struct file *file; // a reference, if `what` is one
};

static void find_file(struct side *s, struct fd_table *files)
{
    s->file = files && s->fd < FD_LIMIT ? fd_get_in(files, (int)s->fd) : NULL;
    s->what = s->file;
    s->error = s->file ? 0 : -EBADF;
}

static void look(struct thread *t, void *context)
{
    struct side *s = context;
    struct process *p = t->process;
    struct fd_table *files = t->files ? t->files : p->files;
    s->error = process_permits_inspection(p, /* as_for_files= */ false) ? 0 : -EPERM;
    if (s->error)
        return;
    switch (s->type) {
    case KCMP_FILE:
        find_file(s, files);
        return;
    case KCMP_VM:
        s->what = p->mm;
        return;
    case KCMP_FILES:
        s->what = files;
        return;
    case KCMP_FS:
        s->what = t->fs ? t->fs : p->fs;
        return;
    case KCMP_SIGHAND:
        s->what = p->actions;
        return;
    case KCMP_IO: // there is none, as with a Linux process that never chose a priority for its I/O
        return;
    case KCMP_SYSVSEM:
        s->what = p->undo;
        return;
    default:
        s->error = s->type == KCMP_EPOLL_TFD ? -EOPNOTSUPP : -EINVAL;
    }
}

static uint64_t mixed(const void *what, int type)
{
    static uint64_t secrets[KCMP_TYPES][2]; // exclusive or, odd factor
    static struct mutex lock;
    uint64_t *secret = secrets[type];
    mutex_lock(&lock);
    if (!secret[1]) {
        random_bytes(secret, sizeof(secrets[type]));
        secret[1] |= 1;
    }
    mutex_unlock(&lock);
    return ((uint64_t)what ^ secret[0]) * secret[1];
}

static long compare(const struct side *a, const struct side *b)
{
    if (a->error == -EPERM || b->error == -EPERM)
        return -EPERM;
    if (a->error || b->error)
        return a->error ? a->error : b->error;
    uint64_t x = mixed(a->what, a->type), y = mixed(b->what, b->type);
    return x < y ? 1 : x > y ? 2 : 0;
}

long sys_kcmp(int pid1, int pid2, int type, unsigned long fd1, unsigned long fd2)
{
    struct side a = {.type = type, .fd = fd1}, b = {.type = type, .fd = fd2};
    const bool found = pid1 > 0 && pid2 > 0 && !thread_visit(pid1, look, &a) && !thread_visit(pid2, look, &b);
    long r = found ? compare(&a, &b) : -ESRCH;
    file_put(a.file);
    file_put(b.file);
    return r;
}
