// SPDX-License-Identifier: MIT
#include "kernel/vfs/permission.h"

#include <linux/capability.h>
#include <linux/errno.h>

#include "kernel/task/capability.h"
#include "kernel/task/credentials.h"
#include "kernel/task/task.h"
#include "kernel/vfs/node.h"

static struct credentials *cred(void)
{
    return &current_thread()->cred;
}

bool in_group(uint32_t gid)
{
    return is_in_group(cred(), cred()->fsgid, gid);
}

// Root may do all but execute what nobody may.
static bool overrides(const struct node *n, unsigned wanted)
{
    bool dir = S_TYPE(n->mode) == S_IFDIR;
    if (dir && n->directory.permits && n->directory.permits(n))
        return true;
    if (!(wanted & MAY_EXECUTE) || dir || n->mode & 0111)
        if (capable(CAP_DAC_OVERRIDE))
            return true;
    return !(wanted & (dir ? MAY_WRITE : MAY_WRITE | MAY_EXECUTE)) && capable(CAP_DAC_READ_SEARCH);
}

int node_permits(const struct node *n, unsigned wanted)
{
    unsigned shift = cred()->fsuid == n->uid ? 6 : in_group(n->gid) ? 3 : 0;
    return wanted & ~(n->mode >> shift) && !overrides(n, wanted) ? -EACCES : 0;
}

bool node_is_owned(const struct node *n)
{
    return cred()->fsuid == n->uid || capable(CAP_FOWNER);
}

int node_permits_removal(const struct node *dir, const struct node *n)
{
    int r = node_permits(dir, MAY_WRITE | MAY_SEARCH);
    if (r || !(dir->mode & S_ISVTX) || cred()->fsuid == dir->uid)
        return r;
    return node_is_owned(n) ? 0 : -EPERM;
}

uint32_t mode_for_group(uint32_t mode, uint32_t gid)
{
    return in_group(gid) || capable(CAP_FSETID) ? mode : mode & ~(uint32_t)S_ISGID;
}

uint32_t mode_after_write(uint32_t mode)
{
    uint32_t gone = S_ISUID | (mode & S_IXGRP ? S_ISGID : 0);
    return S_TYPE(mode) != S_IFREG || capable(CAP_FSETID) ? mode : mode & ~gone;
}

void permission_of_real_user(struct credentials *ret_before)
{
    struct credentials *c = cred();
    *ret_before = *c;
    c->fsuid = c->uid;
    c->fsgid = c->gid;
    c->capabilities.effective = c->uid ? 0 : c->capabilities.permitted;
}

void permission_restore(const struct credentials *before)
{
    struct credentials *c = cred();
    c->fsuid = before->fsuid;
    c->fsgid = before->fsgid;
    c->capabilities.effective = before->capabilities.effective;
}
