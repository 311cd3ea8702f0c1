// SPDX-License-Identifier: MIT
#include "kernel/task/scheduling.h"

#include "kernel/boot/config.h"
#include "kernel/lib/klib.h"

unsigned scheduling_cpu_count(void)
{
    uint64_t n = boot_get()->cpu_count;
    return n < 1 ? 1 : n > CPUS_MAX ? CPUS_MAX : (unsigned)n;
}

void scheduling_all(uint8_t bits[CPUS_MAX / 8])
{
    memset(bits, 0, CPUS_MAX / 8);
    for (unsigned i = 0; i < scheduling_cpu_count(); i++)
        bits[i / 8] |= (uint8_t)(1u << i % 8);
}

void scheduling_processors(const struct thread *t, uint8_t bits[CPUS_MAX / 8])
{
    if (t && t->scheduling.has_affinity)
        memcpy(bits, t->scheduling.affinity, CPUS_MAX / 8);
    else
        scheduling_all(bits);
}
