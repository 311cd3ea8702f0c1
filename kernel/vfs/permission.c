// SPDX-License-Identifier: MIT
#include "kernel/vfs/permission.h"

#include <linux/capability.h>
#include <linux/errno.h>

#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/vfs/node.h"

// Programs are root inside their enclave unless they gave it up; root may do all but execute what nobody may.
int node_permits(const struct node *n, unsigned mode, bool effective)
{
    const struct credentials *c = &current_thread()->cred;
    uint32_t uid = effective ? c->fsuid : c->uid, gid = effective ? c->fsgid : c->gid;
    if (effective ? capable(CAP_DAC_OVERRIDE) : !uid)
        return (mode & 1) && S_TYPE(n->mode) == S_IFREG && !(n->mode & 0111) ? -EACCES : 0;
    bool in_group = gid == n->gid;
    for (uint32_t i = 0; i < c->group_count; i++)
        in_group |= c->groups[i] == n->gid;
    unsigned shift = uid == n->uid ? 6 : in_group ? 3 : 0;
    return mode & ~(n->mode >> shift) & 7 ? -EACCES : 0;
}
