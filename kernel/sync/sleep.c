// SPDX-License-Identifier: MIT
//
// How a thread sleeps and is woken: in the host, by futex, on a word of its untrusted block. The word is only a doorbell.
// What was waited for is told by `woken` and interrupt_pending, which the host cannot reach.
//
// Sleeping and waking costs tens of microseconds. A thread that is usually woken sooner looks for a while before it sleeps, and
// its waker needs no host call then. How long is learned from its last sleeps: one that sleeps long looks for a microsecond.
//
// What a hostile host can try here, and the answer:
// - wake too early, or answer anything at all: the trusted flags are tested again and the thread sleeps on.
// - wake too late or never: no progress, which a host can always cause.
// - change the word: at worst a spurious or a missing wake-up, as above.
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time_types.h>

#include "abi/entry.h"
#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/check.h"
#include "kernel/mm/window.h"
#include "kernel/signal/host.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/stop.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

// In the thread's untrusted block, behind struct host_call.
#define SLEEP_WORD_OFFSET 0x800ul
#define SLEEP_TIMEOUT_OFFSET 0x810ul

#define NO_DEADLINE UINT64_MAX
#define SPIN_LEAST_NS 1000u
#define SPIN_MOST_NS 50000u // about what a sleep costs on a virtual machine

static uint64_t sleep_word(const struct thread_block *tb)
{
    return tb->host_block + SLEEP_WORD_OFFSET;
}

static void word_wake(uint64_t word)
{
    const uint32_t rung = 1;
    host_write(word, &rung, sizeof(rung));
    // An interrupt of this thread may have cancelled the call before it was made: then the sleeper heard nothing.
    while (host_syscall(__NR_futex, word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0) == -EINTR)
        ;
}

struct sleepers { // of one thread
    struct waiter *first;
    unsigned count;
    size_t size; // bytes from one to the next
};

static bool any_woken(const struct sleepers *s)
{
    for (unsigned i = 0; i < s->count; i++)
        if (__atomic_load_n(&((const struct waiter *)((const char *)s->first + i * s->size))->woken, __ATOMIC_SEQ_CST))
            return true;
    return false;
}

static uint32_t spinning; // threads, all together

// No more threads than processors look at a time: those that they wait for need one. Nor does one that others wait for to step back.
static bool may_spin(const struct thread *t, const struct mm *mm)
{
    return !__atomic_load_n(&t->block->interrupt_pending, __ATOMIC_RELAXED) && !(mm && turn_wanted(mm)) &&
           __atomic_load_n(&spinning, __ATOMIC_RELAXED) <= boot_get()->cpu_count;
}

static bool spin_for_wake(struct thread *t, const struct sleepers *s, const struct mm *mm)
{
    if (boot_get()->cpu_count < 2)
        return false;
    uint64_t start = clock_monotonic_ns();
    bool woken;
    __atomic_add_fetch(&spinning, 1, __ATOMIC_RELAXED);
    while (!(woken = any_woken(s)) && clock_monotonic_ns() - start < t->spin_ns && may_spin(t, mm))
        __builtin_ia32_pause();
    __atomic_sub_fetch(&spinning, 1, __ATOMIC_RELAXED);
    return woken;
}

// waited: from going to sleep to waking up.
static void learn(struct thread *t, uint64_t waited_ns)
{
    uint32_t ns = waited_ns < 2 * SPIN_MOST_NS ? 2 * t->spin_ns : t->spin_ns / 2;
    t->spin_ns = ns < SPIN_LEAST_NS ? SPIN_LEAST_NS : ns > SPIN_MOST_NS ? SPIN_MOST_NS : ns;
}

// True when a signal (or the end of the process) is waiting for this thread. A flag that stands for nothing is cleared. A stop is
// sat out here, and most system calls sleep on.
static bool interrupted(struct thread *t)
{
    if (__atomic_load_n(&t->block->interrupt_pending, __ATOMIC_RELAXED))
        host_signals_take();
    for (;;) {
        if ((stop_in_sleep(t) && stop_ends_syscall(t->regs)) || signal_interrupts(t))
            break;
        if (!__atomic_exchange_n(&t->block->interrupt_pending, 0, __ATOMIC_SEQ_CST))
            return false; // what the flag stands for is set before it: after clearing it everything is looked at again
    }
    __atomic_store_n(&t->block->interrupt_pending, 1, __ATOMIC_SEQ_CST);
    return true;
}

static void host_sleep(uint64_t word, uint64_t timeout_ns)
{
    uint64_t timeout = 0;
    if (timeout_ns != NO_DEADLINE) {
        struct __kernel_timespec ts = {(int64_t)(timeout_ns / NS_PER_S), (int64_t)(timeout_ns % NS_PER_S)};
        timeout = word - SLEEP_WORD_OFFSET + SLEEP_TIMEOUT_OFFSET;
        host_write(timeout, &ts, sizeof(ts));
    }
    (void)host_syscall(__NR_futex, word, FUTEX_WAIT_PRIVATE, 0, timeout, 0, 0); // the trusted flags decide
}

static int sleep_until(const struct sleepers *s, uint64_t deadline, bool interruptible)
{
    struct thread *t = current_thread();
    struct mm *mm = interruptible && t->process ? t->process->mm : NULL;
    uint64_t start = clock_monotonic_ns();
    if (spin_for_wake(t, s, mm))
        return 0;
    for (;;) {
        if (any_woken(s))
            return 0;
        if (interruptible && interrupted(t))
            return -EINTR;
        uint64_t timeout = NO_DEADLINE;
        if (deadline != NO_DEADLINE) {
            uint64_t now = clock_monotonic_ns();
            if (now >= deadline)
                return -ETIMEDOUT;
            timeout = deadline - now;
        }
        const uint32_t quiet = 0;
        host_write(sleep_word(t->block), &quiet, sizeof(quiet));
        // Announced first, tested after: whoever sets a flag and then finds us not sleeping was seen here.
        __atomic_store_n(&t->sleeping, 1, __ATOMIC_SEQ_CST);
        bool stay = !any_woken(s) &&
                    !(interruptible && __atomic_load_n(&t->block->interrupt_pending, __ATOMIC_SEQ_CST));
        if (stay && mm)
            turn_leave(mm);
        if (stay) {
            host_sleep(sleep_word(t->block), timeout);
            learn(t, clock_monotonic_ns() - start);
        }
        __atomic_store_n(&t->sleeping, 0, __ATOMIC_SEQ_CST);
        if (stay && mm)
            turn_enter(mm);
    }
}

int waiters_sleep_within(struct waiter *first, unsigned count, size_t size, uint64_t deadline_ns)
{
    return sleep_until(&(struct sleepers){first, count, size}, deadline_ns, true);
}

int waiters_sleep(struct waiter *w, unsigned count, uint64_t deadline_ns)
{
    return waiters_sleep_within(w, count, sizeof(*w), deadline_ns);
}

int waiter_sleep(struct waiter *w, uint64_t deadline_ns)
{
    return waiters_sleep(w, 1, deadline_ns);
}

int waiter_sleep_turn(struct waiter *w, uint64_t deadline_ns)
{
    return sleep_until(&(struct sleepers){w, 1, sizeof(*w)}, deadline_ns, false);
}

void waiter_sleep_stopped(struct waiter *w)
{
    struct thread *t = current_thread();
    const uint32_t quiet = 0;
    if (__atomic_exchange_n(&t->block->interrupt_pending, 0, __ATOMIC_SEQ_CST)) {
        host_signals_take();
        return;
    }
    host_write(sleep_word(t->block), &quiet, sizeof(quiet));
    __atomic_store_n(&t->sleeping, 1, __ATOMIC_SEQ_CST);
    if (!any_woken(&(struct sleepers){w, 1, sizeof(*w)}) && !__atomic_load_n(&t->block->interrupt_pending, __ATOMIC_SEQ_CST))
        host_sleep(sleep_word(t->block), NO_DEADLINE);
    __atomic_store_n(&t->sleeping, 0, __ATOMIC_SEQ_CST);
}

void waiter_sleep_uninterruptible(struct waiter *w)
{
    (void)waiter_sleep_turn(w, NO_DEADLINE); // can only end by a wake
}

void waiter_wake_locked(struct waiter *w, struct wake_batch *batch)
{
    ASSERT(batch->count < WAKE_BATCH);
    waiter_unlink_locked(w);
    struct thread *t = w->thread; // alive: the sleeper's waitq_remove needs the lock that we hold
    __atomic_store_n(&w->woken, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&t->sleeping, __ATOMIC_SEQ_CST))
        batch->words[batch->count++] = sleep_word(t->block);
}

void wake_batch_flush(struct wake_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        word_wake(batch->words[i]);
    batch->count = 0;
}

bool thread_sleep_interrupt(struct thread *t)
{
    if (!__atomic_load_n(&t->sleeping, __ATOMIC_SEQ_CST))
        return false;
    word_wake(sleep_word(t->block));
    return true;
}
