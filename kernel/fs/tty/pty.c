// SPDX-License-Identifier: MIT
//
// Making pseudo-terminals, and their names.
#include "kernel/fs/tty/pty.h"

#include <stddef.h>

#include <linux/errno.h>

#include "kernel/fs/dev/dev.h"
#include "kernel/fs/tty/pty_sides.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/tree.h"

enum { PTYS = 4096 };

static struct pty *ptys;           // guarded by the lock of all terminals
static struct node *pts_directory; // set at boot

struct pty *pty_find_locked(unsigned number)
{
    struct pty *p = ptys;
    while (p && p->number != number)
        p = p->next;
    return p;
}

void pty_unlink_locked(struct pty *p)
{
    for (struct pty **link = &ptys; *link; link = &(*link)->next) {
        if (*link == p) {
            *link = p->next;
            break;
        }
    }
    tty_remove_locked(&p->tty);
}

void pty_wake_both(struct pty *p)
{
    (void)waitq_wake(&p->master_side, UINT32_MAX);
    (void)waitq_wake(&p->slave_side, UINT32_MAX);
}

void pty_free(struct pty *p)
{
    node_put(p->node);
    kfree(p);
}

void pty_name_remove(struct pty *p)
{
    char name[PTY_NAME_SIZE];
    int n = snprintf(name, sizeof(name), "%u", p->number);
    tree_lock();
    directory_remove(pts_directory, name, (size_t)n);
    tree_unlock();
}

static struct pty *pty_new(void)
{
    struct pty *p = kzalloc(sizeof(*p));
    struct node *n = p ? node_new(S_IFCHR | 0620) : NULL;
    if (!n) {
        kfree(p);
        return NULL;
    }
    discipline_init(&p->line);
    p->tty.ops = &pty_tty_ops;
    p->node = n;
    p->locked = p->master_open = true;
    n->uid = current_thread()->cred.fsuid;
    n->gid = current_thread()->cred.fsgid;
    n->ops = &pty_slave_opener;
    return p;
}

static int publish(struct pty *p)
{
    char name[PTY_NAME_SIZE];
    ttys_lock();
    while (p->number < PTYS && pty_find_locked(p->number))
        p->number++;
    if (p->number < PTYS) {
        p->tty.rdev = p->node->rdev = PTY_MAJOR << 8 | (p->number & 0xff) | (p->number & ~0xffu) << 12;
        p->next = ptys;
        ptys = p;
        tty_add_locked(&p->tty);
    }
    ttys_unlock();
    if (p->number == PTYS)
        return -ENOSPC;
    int n = snprintf(name, sizeof(name), "%u", p->number);
    tree_lock();
    int r = directory_add(pts_directory, name, (size_t)n, p->node);
    tree_unlock();
    if (!r)
        return 0;
    ttys_lock();
    pty_unlink_locked(p);
    ttys_unlock();
    return r;
}

static int ptmx_open(struct file *f)
{
    struct pty *p = pts_directory ? pty_new() : NULL;
    if (!p)
        return pts_directory ? -ENOMEM : -ENODEV; // the image has something else there
    int r = publish(p);
    if (r) {
        pty_free(p);
        return r;
    }
    f->ops = &pty_master_ops;
    f->context = p;
    return 0;
}

static const struct file_ops ptmx_opener = {.stream = true, .open = ptmx_open};

static int controlling_open(struct file *f)
{
    return tty_open_controlling(f);
}

static const struct file_ops controlling_opener = {.stream = true, .open = controlling_open};

void pty_attach(struct node *n)
{
    if (n->rdev >> 8 == PTY_MAJOR)
        n->ops = &pty_slave_opener;
}

static const struct {
    const char *path;
    uint32_t rdev;
    const struct file_ops *ops;
} devices[] = {
    {"ptmx", 5 << 8 | 2, &ptmx_opener},
    {"pts/ptmx", 5 << 8 | 2, &ptmx_opener},
    {"tty", 5 << 8, &controlling_opener},
};

void pty_mount(void)
{
    for (unsigned i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        (void)devfs_register_device(devices[i].path, S_IFCHR | 0666, devices[i].rdev, devices[i].ops, NULL);
    if (tree_walk(NULL, "/dev/pts", WALK_DIRECTORY, &pts_directory))
        pts_directory = NULL;
    else
        pts_directory->directory.fixed = true;
}
