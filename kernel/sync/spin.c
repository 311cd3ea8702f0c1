// SPDX-License-Identifier: MIT
//
// Spin locks. The host may stop a thread that holds one for as long as it likes: that costs time, never safety, and a waiter
// gives the processor away after a while so that the holder can go on when both share it.
#include "kernel/sync/sync.h"

#include <asm/unistd.h>

#include "kernel/boot/hostcall.h"

#define SPINS_BEFORE_YIELD 2000u

void spin_lock(struct spin *s)
{
    unsigned spins = 0;
    while (__atomic_exchange_n(&s->value, 1, __ATOMIC_ACQUIRE)) {
        while (__atomic_load_n(&s->value, __ATOMIC_RELAXED)) {
            __builtin_ia32_pause();
            if (++spins >= SPINS_BEFORE_YIELD) {
                spins = 0;
                (void)host_syscall(__NR_sched_yield, 0, 0, 0, 0, 0, 0); // advice only
            }
        }
    }
}

void spin_unlock(struct spin *s)
{
    __atomic_store_n(&s->value, 0, __ATOMIC_RELEASE);
}
