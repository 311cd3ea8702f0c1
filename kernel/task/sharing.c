// SPDX-License-Identifier: MIT
#include "kernel/task/sharing.h"

#include <stdbool.h>
#include <stddef.h>

#include <linux/sched.h>

#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/fs_state.h"

// Only the current thread makes others: what is alone stays so.
static bool alone(const struct thread *t)
{
    return t->process->thread_count == 1;
}

int thread_part_files(void)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    struct fd_table *own, *before, *shared = NULL;
    int r = fd_table_copy(current_files(), &own);
    if (r)
        return r;
    mutex_lock(&p->lock); // /proc looks at them under it
    before = t->files;
    t->files = own;
    if (alone(t)) {
        shared = p->files;
        p->files = own;
        t->files = NULL;
    }
    mutex_unlock(&p->lock);
    fd_table_put(before);
    fd_table_put(shared);
    return 0;
}

int thread_part_fs(void)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    struct fs_state *own, *before, *shared = NULL;
    int r = fs_state_copy(current_fs(), &own);
    if (r)
        return r;
    mutex_lock(&p->lock);
    before = t->fs;
    t->fs = own;
    if (alone(t)) {
        shared = p->fs;
        p->fs = own;
        t->fs = NULL;
    }
    mutex_unlock(&p->lock);
    fs_state_put(before);
    fs_state_put(shared);
    return 0;
}

int thread_share(struct thread *t, uint64_t clone_flags)
{
    const struct thread *self = current_thread();
    int r = 0;
    if (!(clone_flags & CLONE_FILES))
        r = fd_table_copy(current_files(), &t->files);
    else if (self->files)
        t->files = fd_table_get(self->files);
    if (!r && !(clone_flags & CLONE_FS))
        r = fs_state_copy(current_fs(), &t->fs);
    else if (!r && self->fs)
        t->fs = fs_state_get(self->fs);
    return r;
}

void thread_drop_own(struct thread *t)
{
    struct process *p = t->process;
    if (!t->files && !t->fs)
        return;
    mutex_lock(&p->lock);
    struct fd_table *files = t->files;
    struct fs_state *fs = t->fs;
    t->files = NULL;
    t->fs = NULL;
    mutex_unlock(&p->lock);
    fd_table_put(files);
    fs_state_put(fs);
}

int thread_adopt_own(void)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    struct fs_state *before = NULL;
    mutex_lock(&p->lock);
    if (t->fs) {
        before = p->fs;
        p->fs = t->fs;
        t->fs = NULL;
    }
    mutex_unlock(&p->lock);
    fs_state_put(before);
    return t->files || fd_table_is_shared(p->files) ? thread_part_files() : 0;
}
