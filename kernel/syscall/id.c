// SPDX-License-Identifier: MIT
//
// User, group, session and capability numbers. An enclave has no other users to be protected from: what they change is what a program's
// processes may do to each other.
#include <stdbool.h>

#include <linux/capability.h>
#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/credentials.h"
#include "kernel/task/process.h"
#include "kernel/task/processes.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/task/wait.h"

#define UNCHANGED UINT32_MAX

static struct credentials *cred(void)
{
    return &current_thread()->cred;
}

// Whoever becomes somebody else is not to be looked into by those it now is, nor to hear of its parent's end.
static void guard(struct process *p, const struct credentials *before, const struct credentials *now)
{
    bool same = before->euid == now->euid && before->egid == now->egid && before->fsuid == now->fsuid && before->fsgid == now->fsgid;
    if (same && !(now->capabilities.permitted & ~before->capabilities.permitted))
        return;
    p->dumpable = false;
    process_set_parent_death_signal(p, 0);
}

// Others see those of the first thread.
static void tell_process(const struct credentials *before)
{
    const struct thread *t = current_thread();
    struct process *p = t->process;
    guard(p, before, &t->cred);
    if (t->tid != p->pid)
        return;
    mutex_lock(&p->lock);
    credentials_copy(&p->cred, &t->cred);
    mutex_unlock(&p->lock);
}

long sys_getuid(void)
{
    return cred()->uid;
}

long sys_geteuid(void)
{
    return cred()->euid;
}

long sys_getgid(void)
{
    return cred()->gid;
}

long sys_getegid(void)
{
    return cred()->egid;
}

// May an unprivileged process take this number for itself?
static bool one_of(uint32_t id, uint32_t real, uint32_t effective, uint32_t saved)
{
    return id == UNCHANGED || id == real || id == effective || id == saved;
}

static bool may_set_uid(uint32_t id)
{
    const struct credentials *c = cred();
    return capable(CAP_SETUID) || one_of(id, c->uid, c->euid, c->suid);
}

static bool may_set_gid(uint32_t id)
{
    const struct credentials *c = cred();
    return capable(CAP_SETGID) || one_of(id, c->gid, c->egid, c->sgid);
}

long sys_setresuid(unsigned ruid, unsigned euid, unsigned suid)
{
    struct credentials *c = cred();
    if (!may_set_uid(ruid) || !may_set_uid(euid) || !may_set_uid(suid))
        return -EPERM;
    const struct credentials before = *c;
    const struct user_numbers users = {c->uid, c->euid, c->suid};
    c->uid = ruid != UNCHANGED ? ruid : c->uid;
    c->euid = euid != UNCHANGED ? euid : c->euid;
    c->suid = suid != UNCHANGED ? suid : c->suid;
    c->fsuid = c->euid;
    capabilities_follow_users(c, &users);
    tell_process(&before);
    return 0;
}

long sys_setresgid(unsigned rgid, unsigned egid, unsigned sgid)
{
    struct credentials *c = cred();
    if (!may_set_gid(rgid) || !may_set_gid(egid) || !may_set_gid(sgid))
        return -EPERM;
    const struct credentials before = *c;
    c->gid = rgid != UNCHANGED ? rgid : c->gid;
    c->egid = egid != UNCHANGED ? egid : c->egid;
    c->sgid = sgid != UNCHANGED ? sgid : c->sgid;
    c->fsgid = c->egid;
    tell_process(&before);
    return 0;
}

long sys_setuid(unsigned uid)
{
    if (uid == UNCHANGED)
        return -EINVAL;
    return capable(CAP_SETUID) ? sys_setresuid(uid, uid, uid) : sys_setresuid(UNCHANGED, uid, UNCHANGED);
}

long sys_setgid(unsigned gid)
{
    if (gid == UNCHANGED)
        return -EINVAL;
    return capable(CAP_SETGID) ? sys_setresgid(gid, gid, gid) : sys_setresgid(UNCHANGED, gid, UNCHANGED);
}

// The saved id follows the effective one when the real one is set, or the effective one leaves the real one.
long sys_setreuid(unsigned ruid, unsigned euid)
{
    bool follow = ruid != UNCHANGED || (euid != UNCHANGED && euid != cred()->uid);
    return sys_setresuid(ruid, euid, !follow ? UNCHANGED : euid != UNCHANGED ? euid : cred()->euid);
}

long sys_setregid(unsigned rgid, unsigned egid)
{
    bool follow = rgid != UNCHANGED || (egid != UNCHANGED && egid != cred()->gid);
    return sys_setresgid(rgid, egid, !follow ? UNCHANGED : egid != UNCHANGED ? egid : cred()->egid);
}

static long put_three(const uint32_t value[3], void USER *a, void USER *b, void USER *c)
{
    if (PUT_USER(value[0], a) || PUT_USER(value[1], b) || PUT_USER(value[2], c))
        return -EFAULT;
    return 0;
}

long sys_getresuid(void USER *ruid, void USER *euid, void USER *suid)
{
    const struct credentials *c = cred();
    return put_three((const uint32_t[3]){c->uid, c->euid, c->suid}, ruid, euid, suid);
}

long sys_getresgid(void USER *rgid, void USER *egid, void USER *sgid)
{
    const struct credentials *c = cred();
    return put_three((const uint32_t[3]){c->gid, c->egid, c->sgid}, rgid, egid, sgid);
}

// These two answer the old value, whether they changed it or not.
long sys_setfsuid(unsigned uid)
{
    struct credentials *c = cred();
    const struct credentials before = *c;
    uint32_t old = c->fsuid;
    if (uid != UNCHANGED && (may_set_uid(uid) || uid == old))
        c->fsuid = uid;
    capabilities_follow_file_user(c, old);
    tell_process(&before);
    return old;
}

long sys_setfsgid(unsigned gid)
{
    struct credentials *c = cred();
    const struct credentials before = *c;
    uint32_t old = c->fsgid;
    if (gid != UNCHANGED && (may_set_gid(gid) || gid == old))
        c->fsgid = gid;
    tell_process(&before);
    return old;
}

long sys_getgroups(int size, void USER *list)
{
    const struct credentials *c = cred();
    const uint32_t count = group_count(c);
    if (size < 0 || (size && (uint32_t)size < count))
        return -EINVAL;
    for (uint32_t i = 0; size && i < count; i++)
        if (PUT_USER((uint32_t){group_at(c, i)}, (uint32_t USER *)list + i))
            return -EFAULT;
    return count;
}

// /proc looks at them under the process's lock.
static void replace_groups(struct group_list *l)
{
    struct process *p = current_process();
    mutex_lock(&p->lock);
    struct group_list *before = cred()->groups;
    cred()->groups = l;
    mutex_unlock(&p->lock);
    groups_put(before);
    tell_process(cred());
}

long sys_setgroups(int size, const void USER *list)
{
    if (!capable(CAP_SETGID))
        return -EPERM;
    if (size < 0 || size > GROUPS_MAX)
        return -EINVAL;
    struct group_list *l = groups_new((uint32_t)size);
    if (!l)
        return -ENOMEM;
    if (copy_from_user(groups_numbers(l), list, (size_t)size * sizeof(uint32_t))) {
        groups_put(l);
        return -EFAULT;
    }
    groups_sort(l);
    replace_groups(l);
    return 0;
}

// pid 0 is the caller; the process is locked on return and must be unlocked. NULL: no such process.
static struct process *process_lock(int pid)
{
    return process_find_lock(pid ? pid : current_process()->pid);
}

long sys_getpgid(int pid)
{
    struct process *p = process_lock(pid);
    if (!p)
        return -ESRCH;
    int32_t pgid = p->pgid;
    mutex_unlock(&p->lock);
    return pgid;
}

long sys_getsid(int pid)
{
    struct process *p = process_lock(pid);
    if (!p)
        return -ESRCH;
    int32_t sid = p->sid;
    mutex_unlock(&p->lock);
    return sid;
}

long sys_getpgrp(void)
{
    return current_process()->pgid;
}

// A process moves itself and its children, these until they execute another program; no leader of a session moves.
static int may_move(const struct process *p)
{
    const struct process *self = current_process();
    if (p != self && p->parent != self)
        return -ESRCH;
    if (p->sid != self->sid || p->sid == p->pid)
        return -EPERM;
    return p != self && p->executed ? -EACCES : 0;
}

long sys_setpgid(int pid, int pgid)
{
    if (!pid)
        pid = current_process()->pid;
    if (!pgid)
        pgid = pid;
    if (pgid < 0)
        return -EINVAL;
    bool exists = pgid == pid || process_group_exists(pgid, current_process()->sid); // made by its leader, or joined
    struct process *p = process_lock(pid);
    int r = p ? may_move(p) : -ESRCH;
    if (!r && !exists)
        r = -EPERM;
    if (!r)
        p->pgid = pgid;
    if (p)
        mutex_unlock(&p->lock);
    return r;
}

long sys_setsid(void)
{
    struct process *p = current_process();
    if (p->pgid == p->pid)
        return -EPERM; // already leads a group
    p->sid = p->pgid = p->pid;
    p->left_terminal = false;
    return p->pid;
}

static unsigned words_of(uint32_t version)
{
    switch (version) {
    case _LINUX_CAPABILITY_VERSION_1:
        return _LINUX_CAPABILITY_U32S_1;
    case _LINUX_CAPABILITY_VERSION_2:
    case _LINUX_CAPABILITY_VERSION_3:
        return _LINUX_CAPABILITY_U32S_3;
    default:
        return 0;
    }
}

// Answers an unknown version with the one we would like, as Linux does.
static long check_header(void USER *header, struct __user_cap_header_struct *ret_header)
{
    if (GET_USER(*ret_header, header))
        return -EFAULT;
    if (words_of(ret_header->version))
        return 0;
    const uint32_t version = _LINUX_CAPABILITY_VERSION_3;
    return PUT_USER(version, header) ? -EFAULT : -EINVAL;
}

static void read_capabilities(struct thread *t, void *context)
{
    *(struct capabilities *)context = t->cred.capabilities;
}

long sys_capget(void USER *header, void USER *data)
{
    struct __user_cap_header_struct h;
    long r = check_header(header, &h);
    if (r)
        return r == -EINVAL && !data ? 0 : r;
    struct capabilities c;
    if (h.pid < 0 || (r = thread_visit(h.pid, read_capabilities, &c)))
        return h.pid < 0 ? -EINVAL : r;
    struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3];
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        d[i].effective = (uint32_t)(c.effective >> 32 * i);
        d[i].permitted = (uint32_t)(c.permitted >> 32 * i);
        d[i].inheritable = (uint32_t)(c.inheritable >> 32 * i);
    }
    return data ? copy_to_user(data, d, words_of(h.version) * sizeof(d[0])) : 0;
}

long sys_capset(void USER *header, const void USER *data)
{
    struct __user_cap_header_struct h;
    struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = {0};
    long r = check_header(header, &h);
    if (r)
        return r;
    if (h.pid && h.pid != current_thread()->tid)
        return -EPERM;
    if (copy_from_user(d, data, words_of(h.version) * sizeof(d[0])))
        return -EFAULT;
    const struct credentials before = *cred();
    r = capabilities_set(d[0].permitted | (uint64_t)d[1].permitted << 32, d[0].effective | (uint64_t)d[1].effective << 32,
                         d[0].inheritable | (uint64_t)d[1].inheritable << 32);
    tell_process(&before);
    return r;
}
