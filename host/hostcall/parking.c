// SPDX-License-Identifier: MIT
//
// Host threads whose thread area is free wait for its next thread: making one costs several times as much as waking one.
#include <linux/futex.h>
#include <sys/syscall.h>

#include "abi/layout.h"
#include "host/hostcall/server.h"

static volatile int never;

void host_thread_park(unsigned index)
{
    struct host_thread *t = &host_threads[index];
    t->own_tid = t->tid;
    t->parked = true;
    __atomic_store_n(&t->tid, 0, __ATOMIC_RELEASE); // from here on the area may have another thread
    const uint64_t wait[6] = {(uint64_t)&t->go, FUTEX_WAIT_PRIVATE, 0, 0};
    while (!__atomic_exchange_n(&t->go, 0, __ATOMIC_ACQUIRE))
        (void)host_syscall_raw(SYS_futex, wait, &never);
}

bool host_thread_unpark(uint64_t index)
{
    struct host_thread *t = &host_threads[index];
    const uint64_t yield[6] = {0};
    while (__atomic_load_n(&t->tid, __ATOMIC_ACQUIRE)) // the last thread of this area is about to park, or to end
        (void)host_syscall_raw(SYS_sched_yield, yield, &never);
    if (!t->parked)
        return false;
    t->tid = t->own_tid;
    t->interrupted = 0;
    __atomic_store_n(&t->go, 1, __ATOMIC_RELEASE);
    const uint64_t wake[6] = {(uint64_t)&t->go, FUTEX_WAKE_PRIVATE, 1, 0};
    (void)host_syscall_raw(SYS_futex, wake, &never);
    return true;
}
