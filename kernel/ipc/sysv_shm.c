// SPDX-License-Identifier: MIT
//
// System V shared memory (shmop(2), shmctl(2)). A segment stands at one address for all that attach it
// (kernel/mm/shared.h): another address is refused, attaching twice gives the same one twice. Its memory comes with
// the first attachment and stays until the segment is gone. The attachments of a process are no mappings: munmap and
// mprotect do not know them, SHM_RDONLY is not enforced.
#include <linux/errno.h>

#include <asm/shmbuf.h>
#include <linux/ipc.h>

#include "abi/layout.h"
#include "kernel/ipc/ids.h"
#include "kernel/ipc/ipc.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/shared.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"

// <linux/shm.h> needs a C library.
enum { SHM_RDONLY = 010000, SHM_RND = 020000, SHM_EXEC = 0100000 };            // shmat
enum { SHM_DEST = 01000, SHM_LOCKED = 02000 };                                 // mode bits
enum { SHM_LOCK = 11, SHM_UNLOCK = 12, SHM_STAT = 13, SHM_INFO = 14, SHM_STAT_ANY = 15 }; // shmctl

struct shm_info {
    int used_ids;
    uint64_t shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

struct segment {
    struct ipc_object object; // first
    uint64_t size;
    uint64_t address; // 0: never attached
    uint64_t attachments;
    int64_t atime, dtime, ctime;
    int32_t cpid, lpid;
};

struct shm_attachment { // of a process
    struct shm_attachment *next;
    struct segment *segment;
};

static struct mutex lock;
/* guarded by lock: */
static struct ipc_table table;

static uint64_t pages_of(const struct segment *s)
{
    return (s->size + PAGE_SIZE - 1) / PAGE_SIZE;
}

static long make_segment(int key, size_t size, int flags)
{
    if (!size || size > SHARED_SIZE)
        return -EINVAL;
    struct segment *s = kzalloc(sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->size = size;
    s->ctime = ipc_time_now();
    s->cpid = current_process()->pid;
    int id = ipc_add(&table, &s->object, key, flags);
    if (id < 0)
        kfree(s);
    return id;
}

long shm_get(int key, size_t size, int flags)
{
    struct ipc_object *found;
    mutex_lock(&lock);
    long r = ipc_get(&table, key, flags, &found);
    if (!r && !found)
        r = make_segment(key, size, flags);
    else if (!r)
        r = size > ((struct segment *)found)->size ? -EINVAL : found->id;
    mutex_unlock(&lock);
    return r;
}

static void free_if_unused(struct segment *s)
{
    if (s->attachments || !(s->object.mode & SHM_DEST))
        return;
    ipc_remove(&table, &s->object);
    if (s->address)
        shared_area_free(s->address);
    kfree(s);
}

static int attach_to(struct process *p, struct segment *s)
{
    struct shm_attachment *a = kmalloc(sizeof(*a));
    if (!a)
        return -ENOMEM;
    *a = (struct shm_attachment){p->shm, s};
    p->shm = a;
    s->attachments++;
    return 0;
}

static long attach_locked(struct segment *s, uint64_t address, int flags)
{
    int r = ipc_permitted(&s->object, flags & SHM_RDONLY ? 0444 : 0666);
    if (!r && (flags & SHM_EXEC))
        r = -EACCES; // what is shared is never code
    if (!r && !s->address)
        r = shared_area_new(pages_of(s) * PAGE_SIZE, &s->address);
    if (!r && address && address != s->address)
        r = -EINVAL;
    if (!r)
        r = attach_to(current_process(), s);
    if (r)
        return r;
    s->atime = ipc_time_now();
    s->lpid = current_process()->pid;
    return (long)s->address;
}

long shm_attach(int id, uint64_t address, int flags)
{
    if (flags & SHM_RND)
        address &= ~(PAGE_SIZE - 1);
    if (address % PAGE_SIZE)
        return -EINVAL;
    mutex_lock(&lock);
    struct segment *s = (struct segment *)ipc_find(&table, id);
    long r = s ? attach_locked(s, address, flags) : -EINVAL;
    mutex_unlock(&lock);
    return r;
}

static void detach(const struct process *p, struct shm_attachment **link)
{
    struct shm_attachment *a = *link;
    struct segment *s = a->segment;
    *link = a->next;
    kfree(a);
    s->attachments--;
    s->dtime = ipc_time_now();
    s->lpid = p->pid;
    free_if_unused(s);
}

long shm_detach(uint64_t address)
{
    struct process *p = current_process();
    mutex_lock(&lock);
    struct shm_attachment **link = &p->shm;
    while (*link && (*link)->segment->address != address)
        link = &(*link)->next;
    bool found = *link;
    if (found)
        detach(p, link);
    mutex_unlock(&lock);
    return found ? 0 : -EINVAL;
}

int shm_fork(const struct process *parent, struct process *child)
{
    int r = 0;
    mutex_lock(&lock);
    for (const struct shm_attachment *a = parent->shm; a && !r; a = a->next)
        r = attach_to(child, a->segment);
    mutex_unlock(&lock);
    return r;
}

void shm_process_end(struct process *p)
{
    mutex_lock(&lock);
    while (p->shm)
        detach(p, &p->shm);
    mutex_unlock(&lock);
}

static struct shmid64_ds status_of(const struct segment *s)
{
    return (struct shmid64_ds){.shm_perm = ipc_perm_of(&s->object),
                               .shm_segsz = s->size,
                               .shm_atime = s->atime,
                               .shm_dtime = s->dtime,
                               .shm_ctime = s->ctime,
                               .shm_cpid = s->cpid,
                               .shm_lpid = s->lpid,
                               .shm_nattch = s->attachments};
}

static long control_status(int id, int command, uint64_t argument)
{
    struct shmid64_ds ds;
    mutex_lock(&lock);
    const struct segment *s =
        (struct segment *)(command == IPC_STAT ? ipc_find(&table, id) : ipc_find_index(&table, id));
    long r = !s ? -EINVAL : command == SHM_STAT_ANY ? 0 : ipc_permitted(&s->object, 0444);
    if (!r) {
        ds = status_of(s);
        r = command == IPC_STAT ? 0 : s->object.id;
    }
    mutex_unlock(&lock);
    return r >= 0 && copy_to_user((void USER *)argument, &ds, sizeof(ds)) ? -EFAULT : r;
}

static long change_locked(struct segment *s, int command, const struct shmid64_ds *ds)
{
    int r = 0;
    switch (command) {
    case IPC_RMID:
        s->object.mode |= SHM_DEST;
        s->object.key = IPC_PRIVATE;
        free_if_unused(s);
        return 0;
    case IPC_SET:
        r = ipc_set_perm(&s->object, &ds->shm_perm);
        s->ctime = ipc_time_now();
        return r;
    case SHM_LOCK: // enclave memory is not swapped by anybody we could ask
        s->object.mode |= SHM_LOCKED;
        return 0;
    default:
        s->object.mode &= ~(uint32_t)SHM_LOCKED;
        return 0;
    }
}

static long control_change(int id, int command, const struct shmid64_ds *ds)
{
    mutex_lock(&lock);
    struct segment *s = (struct segment *)ipc_find(&table, id);
    long r = s ? ipc_owned(&s->object) : -EINVAL;
    if (!r)
        r = change_locked(s, command, ds);
    mutex_unlock(&lock);
    return r;
}

static long control_limits(uint64_t argument)
{
    const struct shminfo64 info = {.shmmax = SHARED_SIZE,
                                   .shmmin = 1,
                                   .shmmni = IPC_OBJECTS_MAX,
                                   .shmseg = IPC_OBJECTS_MAX,
                                   .shmall = SHARED_SIZE / PAGE_SIZE};
    mutex_lock(&lock);
    long r = ipc_highest_index(&table);
    mutex_unlock(&lock);
    return copy_to_user((void USER *)argument, &info, sizeof(info)) ? -EFAULT : r;
}

static long control_usage(uint64_t argument)
{
    struct shm_info info = {0};
    mutex_lock(&lock);
    info.used_ids = (int)table.count;
    for (unsigned i = 0; i < table.room; i++) {
        const struct segment *s = (struct segment *)table.slots[i];
        info.shm_tot += s ? pages_of(s) : 0;
        info.shm_rss += s && s->address ? pages_of(s) : 0;
    }
    long r = ipc_highest_index(&table);
    mutex_unlock(&lock);
    return copy_to_user((void USER *)argument, &info, sizeof(info)) ? -EFAULT : r;
}

long shm_control(int id, int command, uint64_t argument)
{
    struct shmid64_ds ds = {0};
    if (id < 0 || command < 0)
        return -EINVAL;
    switch (command) {
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
        return control_status(id, command, argument);
    case IPC_INFO:
        return control_limits(argument);
    case SHM_INFO:
        return control_usage(argument);
    case IPC_SET:
        if (copy_from_user(&ds, (const void USER *)argument, sizeof(ds)))
            return -EFAULT;
        return control_change(id, command, &ds);
    case IPC_RMID:
    case SHM_LOCK:
    case SHM_UNLOCK:
        return control_change(id, command, &ds);
    default:
        return -EINVAL;
    }
}
