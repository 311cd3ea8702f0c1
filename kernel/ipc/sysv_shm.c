// SPDX-License-Identifier: MIT
//
// System V shared memory: shmget(2), shmop(2). What a segment is: segment.h; shmctl(2): sysv_shm_control.c.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#include <linux/ipc.h>

#include "abi/layout.h"
#include "kernel/ipc/ipc.h"
#include "kernel/ipc/segment.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/object.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"

// <linux/shm.h> needs a C library.
enum { SHM_HUGETLB = 04000, SHM_RDONLY = 010000, SHM_RND = 020000, SHM_REMAP = 040000, SHM_EXEC = 0100000 };

struct shm_attachment {
    struct shm_attachment *next;
    struct file *file; // its references are those of mappings; they, not the segment, keep it
};

struct mutex shm_lock;
struct ipc_table shm_table;

uint64_t segment_pages(const struct segment *s)
{
    return s->size / PAGE_SIZE + (s->size % PAGE_SIZE ? 1 : 0);
}

uint64_t segment_attachments(const struct segment *s)
{
    uint64_t n = 0;
    for (const struct shm_attachment *a = s->attachments; a; a = a->next)
        n += file_references(a->file);
    return n;
}

void segment_free_if_unused(struct segment *s)
{
    if (s->attachments || !(s->object.mode & SHM_DEST))
        return;
    ipc_remove(&shm_table, &s->object);
    node_put(s->node);
    kfree(s);
}

static int memory_of(struct segment *s, int key)
{
    char name[sizeof("/SYSV01234567")];
    struct file *f;
    snprintf(name, sizeof(name), "/SYSV%08x", (unsigned)key);
    int r = memory_file_new(segment_pages(s) * PAGE_SIZE, name, &f);
    if (!r)
        r = object_attach(f->node);
    s->node = r ? NULL : node_get(f->node);
    file_put(f);
    return r;
}

static long make_segment(int key, size_t size, int flags)
{
    if (!size || size > SHM_SIZE_MAX)
        return -EINVAL;
    struct segment *s = size <= USER_END && !(flags & SHM_HUGETLB) ? kzalloc(sizeof(*s)) : NULL;
    if (!s)
        return -ENOMEM;
    s->size = size;
    s->ctime = ipc_time_now();
    s->cpid = current_process()->pid;
    int id = memory_of(s, key);
    if (!id)
        id = ipc_add(&shm_table, &s->object, key, flags);
    if (id < 0) {
        node_put(s->node);
        kfree(s);
    }
    return id;
}

long shm_get(int key, size_t size, int flags)
{
    struct ipc_object *found;
    mutex_lock(&shm_lock);
    long r = ipc_get(&shm_table, key, flags, &found);
    if (!r && !found)
        r = make_segment(key, size, flags);
    else if (!r)
        r = size > ((struct segment *)found)->size ? -EINVAL : found->id;
    mutex_unlock(&shm_lock);
    return r;
}

static void left(struct file *f)
{
    struct segment *s = f->context;
    mutex_lock(&shm_lock);
    s->dtime = ipc_time_now();
    s->lpid = current_process()->pid;
    mutex_unlock(&shm_lock);
}

static void release(struct file *f)
{
    struct segment *s = f->context;
    mutex_lock(&shm_lock);
    struct shm_attachment **link = &s->attachments;
    while ((*link)->file != f)
        link = &(*link)->next;
    struct shm_attachment *a = *link;
    *link = a->next;
    segment_free_if_unused(s);
    mutex_unlock(&shm_lock);
    kfree(a);
}

static const struct file_ops attachment_ops = {.unmapped = left, .release = release};

// A file of its own for each attachment, named as /proc/PID/maps shows it.
static struct file *file_of(struct segment *s, int flags)
{
    enum { NAME = sizeof("/SYSV01234567") };
    char *name = kmalloc(NAME);
    struct file *f = name ? file_new(&attachment_ops, flags & SHM_RDONLY ? O_RDONLY : O_RDWR, s->node) : NULL;
    if (!f) {
        kfree(name);
        return NULL;
    }
    snprintf(name, NAME, "/SYSV%08x", (unsigned)s->object.key);
    f->path = name;
    f->context = s;
    return f;
}

static int open_locked(struct segment *s, int flags, struct file **ret)
{
    int r = ipc_permitted(&s->object, (flags & SHM_RDONLY ? 0444 : 0666) | (flags & SHM_EXEC ? 0111 : 0));
    if (r)
        return r;
    struct shm_attachment *a = kmalloc(sizeof(*a));
    struct file *f = a ? file_of(s, flags) : NULL;
    if (!f) {
        kfree(a);
        return -ENOMEM;
    }
    *a = (struct shm_attachment){s->attachments, f};
    s->attachments = a;
    s->atime = ipc_time_now();
    s->lpid = current_process()->pid;
    *ret = f;
    return 0;
}

static int open_segment(int id, int flags, struct file **ret, size_t *ret_size)
{
    mutex_lock(&shm_lock);
    struct segment *s = (struct segment *)ipc_find(&shm_table, id);
    int r = s ? open_locked(s, flags, ret) : -EINVAL;
    if (!r)
        *ret_size = segment_pages(s) * PAGE_SIZE;
    mutex_unlock(&shm_lock);
    return r;
}

static long map(struct file *f, uint64_t address, size_t size, int flags)
{
    int prot = PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) | (flags & SHM_EXEC ? PROT_EXEC : 0);
    int fixed = !address ? 0 : flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    long r = mm_map(mm_current(), address, size, prot, MAP_SHARED | fixed, f, /* offset= */ 0);
    return r == -EEXIST || r == -EPERM ? -EINVAL : r;
}

long shm_attach(int id, uint64_t address, int flags)
{
    struct file *f;
    size_t size;
    if (flags & SHM_RND)
        address &= ~(PAGE_SIZE - 1);
    if (address % PAGE_SIZE || (!address && (flags & SHM_REMAP)))
        return -EINVAL;
    int r = open_segment(id, flags, &f, &size);
    if (r)
        return r;
    long at = map(f, address, size, flags);
    file_put(f);
    return at;
}

static bool is_attachment(const struct file *f)
{
    return f && f->ops == &attachment_ops;
}

long shm_detach(uint64_t address)
{
    return address % PAGE_SIZE ? -EINVAL : mm_unmap_whole(mm_current(), address, is_attachment);
}
