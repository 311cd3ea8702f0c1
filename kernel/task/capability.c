// SPDX-License-Identifier: MIT
#include "kernel/task/capability.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/securebits.h>

#include "kernel/task/task.h"
#include "kernel/vfs/node.h"

#define ALL (CAPABILITY(CAP_LAST_CAP + 1) - 1)

// What goes with fsuid 0.
#define OF_FILES                                                                                                                     \
    (CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_FOWNER) |               \
     CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_LINUX_IMMUTABLE) | CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_MAC_OVERRIDE))

static struct capabilities *mine(void)
{
    return &current_thread()->cred.capabilities;
}

struct capabilities capabilities_all(void)
{
    return (struct capabilities){.permitted = ALL, .effective = ALL, .bounding = ALL};
}

bool capable(int capability)
{
    return mine()->effective & CAPABILITY(capability);
}

void capabilities_follow_users(struct credentials *now, const struct user_numbers *before)
{
    struct capabilities *c = &now->capabilities;
    if (now->secure_bits & SECBIT_NO_SETUID_FIXUP)
        return;
    bool was_root = !before->uid || !before->euid || !before->suid, is_root = !now->uid || !now->euid || !now->suid;
    if (was_root && !is_root) {
        if (!(now->secure_bits & SECBIT_KEEP_CAPS))
            c->permitted = c->effective = 0;
        c->ambient = 0;
    }
    if (!before->euid && now->euid)
        c->effective = 0;
    else if (before->euid && !now->euid)
        c->effective = c->permitted;
}

void capabilities_follow_file_user(struct credentials *now, uint32_t fsuid_before)
{
    struct capabilities *c = &now->capabilities;
    if (now->secure_bits & SECBIT_NO_SETUID_FIXUP)
        return;
    if (!fsuid_before && now->fsuid)
        c->effective &= ~OF_FILES;
    else if (fsuid_before && !now->fsuid)
        c->effective |= c->permitted & OF_FILES;
}

static void capabilities_execute(struct credentials *now)
{
    struct capabilities *c = &now->capabilities;
    bool counts = !(now->secure_bits & SECBIT_NOROOT), root = counts && (!now->uid || !now->euid);
    c->permitted = root ? c->inheritable | c->bounding : c->ambient;
    c->effective = counts && !now->euid ? c->permitted : c->ambient;
    now->secure_bits &= ~(uint32_t)SECBIT_KEEP_CAPS;
}

void credentials_execute(struct credentials *now, const struct node *program, bool no_new_privileges)
{
    const uint32_t mode = no_new_privileges ? 0 : program->mode;
    if (mode & S_ISUID)
        now->euid = program->uid;
    if (mode & S_ISGID && mode & S_IXGRP)
        now->egid = program->gid;
    now->suid = now->fsuid = now->euid;
    now->sgid = now->fsgid = now->egid;
    capabilities_execute(now);
}

int capabilities_set(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
    struct capabilities *c = mine();
    uint64_t may_inherit = c->inheritable | c->bounding;
    if (!capable(CAP_SETPCAP))
        may_inherit &= c->inheritable | c->permitted;
    if (permitted & ~c->permitted || effective & ~permitted || inheritable & ~may_inherit)
        return -EPERM;
    c->permitted = permitted;
    c->effective = effective;
    c->inheritable = inheritable;
    c->ambient &= permitted & inheritable;
    return 0;
}

int capability_bound(unsigned long capability, bool drop)
{
    struct capabilities *c = mine();
    if (capability > CAP_LAST_CAP)
        return -EINVAL;
    if (!drop)
        return c->bounding & CAPABILITY(capability) ? 1 : 0;
    if (!capable(CAP_SETPCAP))
        return -EPERM;
    c->bounding &= ~CAPABILITY(capability);
    return 0;
}

int capability_ambient(unsigned long operation, unsigned long capability)
{
    struct capabilities *c = mine();
    if (operation == PR_CAP_AMBIENT_CLEAR_ALL && !capability) {
        c->ambient = 0;
        return 0;
    }
    if (capability > CAP_LAST_CAP)
        return -EINVAL;
    const uint64_t bit = CAPABILITY(capability);
    switch (operation) {
    case PR_CAP_AMBIENT_IS_SET:
        return c->ambient & bit ? 1 : 0;
    case PR_CAP_AMBIENT_LOWER:
        c->ambient &= ~bit;
        return 0;
    case PR_CAP_AMBIENT_RAISE:
        if (!(c->permitted & c->inheritable & bit) || current_thread()->cred.secure_bits & SECBIT_NO_CAP_AMBIENT_RAISE)
            return -EPERM;
        c->ambient |= bit;
        return 0;
    default:
        return -EINVAL;
    }
}
