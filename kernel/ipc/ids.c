// SPDX-License-Identifier: MIT
#include "kernel/ipc/ids.h"

#include <stdbool.h>
#include <stddef.h>

#include <linux/capability.h>
#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/capability.h"
#include "kernel/task/credentials.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

#define GENERATIONS 65536u
_Static_assert((uint64_t)IPC_INDICES * GENERATIONS <= (uint64_t)INT32_MAX + 1, "identifiers are positive");

struct ipc_object *ipc_find_index(const struct ipc_table *t, int index)
{
    return index >= 0 && (unsigned)index % IPC_INDICES < t->room ? t->slots[index % IPC_INDICES] : NULL;
}

struct ipc_object *ipc_find(const struct ipc_table *t, int id)
{
    struct ipc_object *o = id < 0 ? NULL : ipc_find_index(t, id);
    return o && o->id == id ? o : NULL;
}

struct ipc_object *ipc_next(const struct ipc_table *t, unsigned *index)
{
    while (*index < t->room && !t->slots[*index])
        ++*index;
    return *index < t->room ? t->slots[*index] : NULL;
}

int ipc_highest_index(const struct ipc_table *t)
{
    for (unsigned i = t->room; i; i--)
        if (t->slots[i - 1])
            return (int)(i - 1);
    return 0;
}

static struct ipc_object *find_key(const struct ipc_table *t, int key)
{
    for (unsigned i = 0; i < t->room; i++)
        if (t->slots[i] && t->slots[i]->key == key)
            return t->slots[i];
    return NULL;
}

int ipc_get(const struct ipc_table *t, int key, int flags, struct ipc_object **ret_found)
{
    struct ipc_object *o = key == IPC_PRIVATE ? NULL : find_key(t, key);
    *ret_found = o;
    if (!o)
        return key == IPC_PRIVATE || (flags & IPC_CREAT) ? 0 : -ENOENT;
    if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
        return -EEXIST;
    return ipc_permitted(o, (uint32_t)flags & 0777);
}

static int make_room(struct ipc_table *t)
{
    unsigned room = t->room ? t->room * 2 : IPC_FIRST_ROOM;
    struct ipc_object **slots = krealloc(t->slots, room * sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    memset(slots + t->room, 0, (room - t->room) * sizeof(*slots));
    t->slots = slots;
    t->room = room;
    return 0;
}

struct ipc_object ipc_own(int key, int mode)
{
    const struct credentials *c = &current_thread()->cred;
    return (struct ipc_object){.key = key,
                               .uid = c->euid,
                               .gid = c->egid,
                               .cuid = c->euid,
                               .cgid = c->egid,
                               .mode = (uint32_t)mode & 0777};
}

int ipc_add(struct ipc_table *t, struct ipc_object *o, int key, int flags)
{
    if (t->count == (t->most ? t->most : IPC_OBJECTS_MAX))
        return -ENOSPC;
    if (t->count == t->room && make_room(t))
        return -ENOMEM;
    unsigned index = 0;
    while (t->slots[index])
        index++;
    *o = ipc_own(key, flags);
    o->id = (int)(t->generation * IPC_INDICES + index);
    t->generation = (t->generation + 1) % GENERATIONS;
    t->slots[index] = o;
    t->count++;
    return o->id;
}

void ipc_remove(struct ipc_table *t, struct ipc_object *o)
{
    t->slots[o->id % IPC_INDICES] = NULL;
    t->count--;
}

int ipc_permitted(const struct ipc_object *o, uint32_t wanted)
{
    return ipc_permitted_or(o, wanted, CAP_IPC_OWNER);
}

int ipc_permitted_or(const struct ipc_object *o, uint32_t wanted, int capability)
{
    const struct credentials *c = &current_thread()->cred;
    uint32_t granted = o->mode, asked = (wanted >> 6 | wanted >> 3 | wanted) & 7;
    if (c->euid == o->uid || c->euid == o->cuid)
        granted >>= 6;
    else if (is_in_group(c, c->egid, o->gid) || is_in_group(c, c->egid, o->cgid))
        granted >>= 3;
    return (asked & ~granted) && !capable(capability) ? -EACCES : 0;
}

int ipc_owned(const struct ipc_object *o)
{
    uint32_t euid = current_thread()->cred.euid;
    return capable(CAP_SYS_ADMIN) || euid == o->uid || euid == o->cuid ? 0 : -EPERM;
}

struct ipc64_perm ipc_perm_of(const struct ipc_object *o)
{
    return (struct ipc64_perm){.key = o->key,
                               .uid = o->uid,
                               .gid = o->gid,
                               .cuid = o->cuid,
                               .cgid = o->cgid,
                               .mode = (__kernel_mode_t)o->mode,
                               .seq = (unsigned short)(o->id / IPC_INDICES)};
}

int ipc_set_perm(struct ipc_object *o, const struct ipc64_perm *perm)
{
    if (perm->uid == UINT32_MAX || perm->gid == UINT32_MAX)
        return -EINVAL;
    o->uid = perm->uid;
    o->gid = perm->gid;
    o->mode = (o->mode & ~0777u) | (perm->mode & 0777);
    return 0;
}

int64_t ipc_time_now(void)
{
    return (int64_t)(clock_realtime_ns() / NS_PER_S);
}
