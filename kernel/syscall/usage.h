// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include <linux/resource.h>
#include <linux/time.h>

#include "kernel/task/task.h"
#include "kernel/time/time.h"

static inline void usage_put_counts(struct rusage *u, const struct usage *counts)
{
    u->ru_minflt = (long)counts->faults;
    u->ru_nvcsw = (long)counts->waits;
    u->ru_maxrss = (long)(counts->most_bytes / 1024);
}

// The host sees only the enclave's time as a whole, so all of it counts as user time.
static inline void usage_put_time(struct rusage *u, uint64_t ns)
{
    u->ru_utime.tv_sec = (long)(ns / NS_PER_S);
    u->ru_utime.tv_usec = (long)(ns % NS_PER_S / 1000);
}
