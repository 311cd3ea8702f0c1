// SPDX-License-Identifier: MIT
//
// /proc/self: files about the process that opens them.
#include "kernel/fs/proc/show.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/tree.h"

static void put_vma(const struct vma *v, void *context)
{
    char path[256] = "";
    if (v->file)
        (void)file_path(v->file, path, sizeof(path)); // a path too long is left out
    text_put(context, "%08lx-%08lx %c%c%c%c %08lx %s %lu %s\n", v->start, v->end, v->prot & PROT_READ ? 'r' : '-',
             v->prot & PROT_WRITE ? 'w' : '-', v->prot & PROT_EXEC ? 'x' : '-', v->flags & MAP_SHARED ? 's' : 'p', v->offset,
             v->file ? "00:1a" : "00:00", v->file && v->file->node ? v->file->node->ino : 0, v->file ? path : v->name ? v->name : "");
}

void show_maps(struct text *t)
{
    mm_for_each_vma(mm_current(), put_vma, t);
}

void show_status(struct text *t)
{
    const struct process *p = current_process();
    text_put(t, "Name:\t%s\nUmask:\t%04o\nState:\tR (running)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", p->name,
             p->fs->umask, p->pid, p->pid, 1);
    text_put(t, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", p->cred.uid, p->cred.euid, p->cred.suid, p->cred.fsuid, p->cred.gid,
             p->cred.egid, p->cred.sgid, p->cred.fsgid);
    text_put(t, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmRSS:\t%8lu kB\nThreads:\t%u\n", mm_committed() / 1024, mm_committed() / 1024,
             mm_committed() / 1024, p->thread_count);
}

void show_self_stat(struct text *t)
{
    const struct process *p = current_process();
    text_put(t, "%d (%s) R %d %d %d 0 -1 0 0 0 0 0 0 0 0 0 20 0 %u 0 0 %lu %lu 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
             p->pid, p->name, 1, p->pgid, p->sid, p->thread_count, mm_committed(), mm_committed() / PAGE_SIZE);
}

void show_statm(struct text *t)
{
    text_put(t, "%lu %lu 0 0 0 0 0\n", mm_committed() / PAGE_SIZE, mm_committed() / PAGE_SIZE);
}

void show_comm(struct text *t)
{
    text_put(t, "%s\n", current_process()->name);
}

void show_limits(struct text *t)
{
    const struct process *p = current_process();
    text_put(t, "Limit                     Soft Limit           Hard Limit           Units     \n");
    text_put(t, "Max open files            %-20lu %-20lu files     \n", p->rlimits[7][0], p->rlimits[7][1]);
}

// Symbolic links of /proc/self.
int self_exe_target(struct node *link, char *to, size_t size)
{
    const struct process *p = current_process();
    return p->executable ? file_path(p->executable, to, size) : -ENOENT;
}

int self_cwd_target(struct node *link, char *to, size_t size)
{
    struct node *cwd = current_process()->fs->cwd;
    tree_unlock(); // the walk holds the lock; the path takes it again
    int n = tree_path(cwd, to, size);
    tree_lock();
    return n;
}

int self_pid_target(struct node *link, char *to, size_t size)
{
    int n = snprintf(to, size, "%d", current_process()->pid);
    return (size_t)n < size ? n : -ENAMETOOLONG;
}

static int fd_of(const struct node *link)
{
    return (int)(uintptr_t)link->context;
}

int self_fd_target(struct node *link, char *to, size_t size)
{
    struct file *f = fd_get(fd_of(link));
    int n = f ? file_path(f, to, size) : -ENOENT;
    file_put(f);
    return n;
}

struct node *self_fd_jump(struct node *link)
{
    struct file *f = fd_get(fd_of(link));
    struct node *n = f ? f->node : NULL;
    file_put(f); // the descriptor keeps it
    return n;
}
