// SPDX-License-Identifier: MIT
#include "kernel/boot/uts.h"

#include <stdbool.h>

#include "kernel/boot/config.h"
#include "kernel/lib/klib.h"
#include "kernel/sync/sync.h"

static struct spin lock;
/* guarded by lock: */
static char names[2][UTS_NAME_SIZE];
static bool was_set[2];

void uts_get(enum uts_name which, char to[UTS_NAME_SIZE])
{
    const char *configured = which == UTS_HOST ? config_string(config_get()->hostname) : NULL;
    snprintf(to, UTS_NAME_SIZE, "%s", configured ? configured : which == UTS_HOST ? "mystikos" : "(none)");
    spin_lock(&lock);
    if (was_set[which])
        memcpy(to, names[which], UTS_NAME_SIZE);
    spin_unlock(&lock);
}

void uts_set(enum uts_name which, const char *name, size_t size)
{
    spin_lock(&lock);
    memset(names[which], 0, UTS_NAME_SIZE);
    memcpy(names[which], name, size);
    was_set[which] = true;
    spin_unlock(&lock);
}
