// SPDX-License-Identifier: MIT
//
// What System V objects have in common: keys, identifiers, owners and modes (svipc(7)). Each kind has its own table
// and a lock of its own, which is held in all of these. Objects of the enclave are seen by all its programs and by
// nobody else.
#pragma once

#include <stdint.h>

#include <linux/ipc.h>

enum { IPC_INDICES = 32768, IPC_OBJECTS_MAX = 4096, IPC_FIRST_ROOM = 16 };

struct ipc_object {
    int key, id;
    uint32_t uid, gid, cuid, cgid, mode;
};

struct ipc_table {
    struct ipc_object **slots;
    unsigned room, count;
    unsigned most;       // objects; 0: IPC_OBJECTS_MAX
    unsigned generation; // part of identifiers, so that an old one does not find a new object
};

struct ipc_object *ipc_find(const struct ipc_table *t, int id);          // NULL: none
struct ipc_object *ipc_find_index(const struct ipc_table *t, int index); // for *_STAT; of an identifier only its index counts
struct ipc_object *ipc_next(const struct ipc_table *t, unsigned *index); // at or behind *index, which it becomes; NULL: none
int ipc_highest_index(const struct ipc_table *t);                        // 0 when there are none
// shmget, semget, msgget. Found: 0 and *ret_found, permissions checked. To be made: 0 and NULL. Else -errno.
int ipc_get(const struct ipc_table *t, int key, int flags, struct ipc_object **ret_found);
// A new object of the current process. Its identifier, -ENOSPC or -ENOMEM.
int ipc_add(struct ipc_table *t, struct ipc_object *o, int key, int flags);
void ipc_remove(struct ipc_table *t, struct ipc_object *o);

// What the current process makes belongs to it. mode: the low 9 bits count.
struct ipc_object ipc_own(int key, int mode);
// wanted: mode bits in each class, e.g. 0444. 0 or -EACCES.
int ipc_permitted(const struct ipc_object *o, uint32_t wanted);
int ipc_permitted_or(const struct ipc_object *o, uint32_t wanted, int capability); // who has this capability may
int ipc_owned(const struct ipc_object *o); // may change or remove: 0 or -EPERM
struct ipc64_perm ipc_perm_of(const struct ipc_object *o);
int ipc_set_perm(struct ipc_object *o, const struct ipc64_perm *perm);
int64_t ipc_time_now(void);
