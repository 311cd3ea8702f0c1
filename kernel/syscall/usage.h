// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include <linux/resource.h>
#include <linux/time.h>

#include "kernel/time/time.h"

// The host sees only the enclave's time as a whole, so all of it counts as user time.
static inline void usage_put_time(struct rusage *u, uint64_t ns)
{
    u->ru_utime.tv_sec = (long)(ns / NS_PER_S);
    u->ru_utime.tv_usec = (long)(ns % NS_PER_S / 1000);
}
