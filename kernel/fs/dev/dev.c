// SPDX-License-Identifier: MIT
//
// The memory devices, and /dev as a declared list.
#include "kernel/fs/dev/dev.h"

#include <linux/errno.h>
#include <linux/kdev_t.h>
#include <linux/poll.h>

#include "kernel/crypto/crypto.h"
#include "kernel/fs/pipe/pipe.h"
#include "kernel/fs/tty/pty.h"
#include "kernel/lib/klib.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/special.h"
#include "kernel/vfs/tree.h"

#define DEVICE(major, minor) ((major) << 8 | (minor))

static long zero_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    memset(to, 0, size);
    return (long)size;
}

static long null_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    return 0;
}

static long random_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    random_bytes(to, size);
    return (long)size;
}

static long swallow(struct file *f, const void *from, size_t size, uint64_t offset)
{
    return (long)size;
}

static long full_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    return -ENOSPC;
}

static unsigned always_ready(struct file *f, struct poll_table *table)
{
    return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static const struct file_ops null_ops = {.unmoving = true, .read = null_read, .write = swallow};
static const struct file_ops zero_ops = {.unmoving = true, .read = zero_read, .write = swallow};
static const struct file_ops full_ops = {.unmoving = true, .read = zero_read, .write = full_write};
static const struct file_ops random_ops = {.unmoving = true, .read = random_read, .write = swallow, .poll = always_ready};

static const struct {
    const char *path;
    uint32_t rdev, mode;
    const struct file_ops *ops;
} devices[] = {
    {"null", DEVICE(1, 3), 0666, &null_ops},     {"zero", DEVICE(1, 5), 0666, &zero_ops},
    {"full", DEVICE(1, 7), 0666, &full_ops},     {"random", DEVICE(1, 8), 0666, &random_ops},
    {"urandom", DEVICE(1, 9), 0666, &random_ops},
};
#define DEVICES (sizeof(devices) / sizeof(devices[0]))

static const struct {
    const char *path, *target;
} links[] = {
    {"/dev/fd", "/proc/self/fd"},
    {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"},
};

bool file_is_zero_device(const struct file *f)
{
    return f && f->ops == &zero_ops;
}

int special_attach(struct node *n)
{
    if (S_TYPE(n->mode) == S_IFIFO)
        return fifo_attach(n);
    if (S_TYPE(n->mode) == S_IFCHR)
        pty_attach(n);
    for (unsigned i = 0; S_TYPE(n->mode) == S_IFCHR && i < DEVICES; i++)
        if (devices[i].rdev == n->rdev)
            n->ops = devices[i].ops;
    return 0; // the rest opens with ENXIO
}

void special_detach(struct node *n)
{
    if (S_TYPE(n->mode) == S_IFIFO)
        pipe_detach(n);
}

int devfs_register_device(const char *path, unsigned mode, uint32_t rdev, const struct file_ops *ops, void *context)
{
    char full[256];
    struct node *n;
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(full, sizeof(full), "/dev/%.*s", (int)(slash - path), path);
        int r = tree_make(NULL, full, S_IFDIR | 0755, 0);
        if (r && r != -EEXIST)
            return r;
    }
    snprintf(full, sizeof(full), "/dev/%s", path);
    (void)tree_unlink(NULL, full, false); // what the image has there gives way
    int r = tree_make(NULL, full, mode, 0);
    if (!r)
        r = tree_walk(NULL, full, 0, &n);
    if (r)
        return r;
    n->ops = ops;
    n->context = context;
    n->rdev = rdev;
    node_put(n);
    return 0;
}

int devfs_register(const char *path, unsigned mode, const struct file_ops *ops, void *context)
{
    return devfs_register_device(path, mode, 0, ops, context);
}

void dev_mount(void)
{
    (void)tree_make(NULL, "/dev", S_IFDIR | 0755, 0); // usually there
    (void)tree_make(NULL, "/dev/shm", S_IFDIR | 01777, 0);
    for (unsigned i = 0; i < DEVICES; i++)
        (void)devfs_register_device(devices[i].path, S_IFCHR | devices[i].mode, devices[i].rdev, devices[i].ops, NULL); // or it is missing
    for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        (void)tree_symlink(NULL, links[i].path, links[i].target); // an image that has its own keeps it
}
