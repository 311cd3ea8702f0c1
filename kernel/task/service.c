// SPDX-License-Identifier: MIT
#include "kernel/task/service.h"

#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

static struct process kernel_process; // pid 0

int service_start(const char *name, void (*run)(void))
{
    struct thread *t = thread_new(&kernel_process, /* tb= */ NULL);
    if (!t)
        return -ENOMEM;
    snprintf(t->name, sizeof(t->name), "%s", name);
    t->service = run;
    return thread_launch(t);
}
