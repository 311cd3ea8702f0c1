// SPDX-License-Identifier: MIT
#include "kernel/task/inspect.h"

#include <linux/capability.h>

#include "kernel/task/capability.h"
#include "kernel/task/task.h"

bool process_permits_inspection(const struct process *p, bool as_for_files)
{
    const struct credentials *own = &current_thread()->cred, *c = &p->cred;
    uint32_t uid = as_for_files ? own->fsuid : own->uid, gid = as_for_files ? own->fsgid : own->gid;
    bool user = uid == c->uid && uid == c->euid && uid == c->suid, group = gid == c->gid && gid == c->egid && gid == c->sgid;
    return p == current_process() || (user && group && p->dumpable) || capable(CAP_SYS_PTRACE);
}
