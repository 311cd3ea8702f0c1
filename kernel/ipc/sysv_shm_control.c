// SPDX-License-Identifier: MIT
//
// shmctl(2).
#include <linux/errno.h>

#include <asm/shmbuf.h>
#include <linux/ipc.h>

#include "abi/layout.h"
#include "kernel/ipc/ipc.h"
#include "kernel/ipc/segment.h"
#include "kernel/mm/object.h"
#include "kernel/vfs/content.h"

// <linux/shm.h> needs a C library.
enum { SHM_LOCK = 11, SHM_UNLOCK = 12, SHM_STAT = 13, SHM_INFO = 14, SHM_STAT_ANY = 15 };

struct shm_info {
    int used_ids;
    uint64_t shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

static struct shmid64_ds status_of(const struct segment *s)
{
    return (struct shmid64_ds){.shm_perm = ipc_perm_of(&s->object),
                               .shm_segsz = s->size,
                               .shm_atime = s->atime,
                               .shm_dtime = s->dtime,
                               .shm_ctime = s->ctime,
                               .shm_cpid = s->cpid,
                               .shm_lpid = s->lpid,
                               .shm_nattch = segment_attachments(s)};
}

static long control_status(int id, int command, uint64_t argument)
{
    struct shmid64_ds ds;
    mutex_lock(&shm_lock);
    const struct segment *s =
        (struct segment *)(command == IPC_STAT ? ipc_find(&shm_table, id) : ipc_find_index(&shm_table, id));
    long r = !s ? -EINVAL : command == SHM_STAT_ANY ? 0 : ipc_permitted(&s->object, 0444);
    if (!r) {
        ds = status_of(s);
        r = command == IPC_STAT ? 0 : s->object.id;
    }
    mutex_unlock(&shm_lock);
    return r >= 0 && copy_to_user((void USER *)argument, &ds, sizeof(ds)) ? -EFAULT : r;
}

static long change_locked(struct segment *s, int command, const struct shmid64_ds *ds)
{
    int r = 0;
    switch (command) {
    case IPC_RMID:
        s->object.mode |= SHM_DEST;
        s->object.key = IPC_PRIVATE;
        segment_free_if_unused(s);
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
    mutex_lock(&shm_lock);
    struct segment *s = (struct segment *)ipc_find(&shm_table, id);
    long r = s ? ipc_owned(&s->object) : -EINVAL;
    if (!r)
        r = change_locked(s, command, ds);
    mutex_unlock(&shm_lock);
    return r;
}

static long control_limits(uint64_t argument)
{
    const struct shminfo64 info = {.shmmax = SHM_SIZE_MAX,
                                   .shmmin = 1,
                                   .shmmni = IPC_OBJECTS_MAX,
                                   .shmseg = IPC_OBJECTS_MAX,
                                   .shmall = SHM_SIZE_MAX};
    mutex_lock(&shm_lock);
    long r = ipc_highest_index(&shm_table);
    mutex_unlock(&shm_lock);
    return copy_to_user((void USER *)argument, &info, sizeof(info)) ? -EFAULT : r;
}

// What was brought in for reading only counts as soon as it is more than zeros.
static uint64_t pages_in_memory(const struct segment *s)
{
    object_enter(s->node);
    (void)object_clean(s->node, 0, s->node->size);
    uint64_t n = content_pages(s->node);
    object_leave(s->node);
    return n;
}

int shm_next(unsigned *index, struct shmid64_ds *ret, uint64_t *ret_resident)
{
    mutex_lock(&shm_lock);
    const struct segment *s = (struct segment *)ipc_next(&shm_table, index);
    const int id = s ? s->object.id : -1;
    if (s) {
        *ret = status_of(s);
        *ret_resident = pages_in_memory(s) * PAGE_SIZE;
    }
    mutex_unlock(&shm_lock);
    return id;
}

static long control_usage(uint64_t argument)
{
    struct shm_info info = {0};
    mutex_lock(&shm_lock);
    info.used_ids = (int)shm_table.count;
    for (unsigned i = 0; i < shm_table.room; i++) {
        const struct segment *s = (struct segment *)shm_table.slots[i];
        info.shm_tot += s ? segment_pages(s) : 0;
        info.shm_rss += s ? pages_in_memory(s) : 0;
    }
    long r = ipc_highest_index(&shm_table);
    mutex_unlock(&shm_lock);
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
