// SPDX-License-Identifier: MIT
//
// Host threads whose thread area is free wait for its next thread: making one costs several times as much as waking one.
#include <linux/futex.h>
#include <sys/syscall.h>

#include "abi/layout.h"
#include "host/hostcall/server.h"

enum { LOOK_LEAST = 64, LOOK_MOST = 4096, SHORT_WAIT = 8 }; // looks; about a microsecond, and what a sleep costs

static volatile int never;
static uint32_t looking; // one host thread at a time: the others need the processors

// As threads inside do (kernel/sync/sleep.c): an area that is used again at once needs no sleep and no wake.
static bool look_for_go(struct host_thread *t)
{
    bool found = false;
    if (!__atomic_exchange_n(&looking, 1, __ATOMIC_ACQUIRE)) {
        for (uint32_t i = 0; i < t->look && !(found = __atomic_load_n(&t->go, __ATOMIC_ACQUIRE)); i++)
            __builtin_ia32_pause();
        __atomic_store_n(&looking, 0, __ATOMIC_RELEASE);
    }
    return found;
}

static uint64_t ticks(void)
{
    return __builtin_ia32_rdtsc();
}

static void sleep_for_go(struct host_thread *t)
{
    const uint64_t wait[6] = {(uint64_t)&t->go, FUTEX_WAIT_PRIVATE, 0, 0};
    uint64_t begin = ticks();
    __atomic_store_n(&t->asleep, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&t->go, __ATOMIC_SEQ_CST))
        (void)host_syscall_raw(SYS_futex, wait, &never);
    __atomic_store_n(&t->asleep, 0, __ATOMIC_RELAXED);
    uint32_t look = ticks() - begin < SHORT_WAIT * LOOK_MOST * 8ul ? 2 * t->look : t->look / 2;
    t->look = look < LOOK_LEAST ? LOOK_LEAST : look > LOOK_MOST ? LOOK_MOST : look;
}

void host_thread_park(unsigned index)
{
    struct host_thread *t = &host_threads[index];
    t->own_tid = t->tid;
    t->parked = true;
    __atomic_store_n(&t->tid, 0, __ATOMIC_RELEASE); // from here on the area may have another thread
    if (!look_for_go(t))
        sleep_for_go(t);
    __atomic_store_n(&t->go, 0, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
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
    __atomic_store_n(&t->go, 1, __ATOMIC_SEQ_CST);
    const uint64_t wake[6] = {(uint64_t)&t->go, FUTEX_WAKE_PRIVATE, 1, 0};
    if (__atomic_load_n(&t->asleep, __ATOMIC_SEQ_CST))
        (void)host_syscall_raw(SYS_futex, wake, &never);
    return true;
}
