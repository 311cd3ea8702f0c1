// SPDX-License-Identifier: MIT
//
// How a thread sleeps and is woken: in the host, by futex, on a word of its untrusted block. The word is only a doorbell.
// What was waited for is told by `woken` and interrupt_pending, which the host cannot reach.
//
// A thread that waits for files of the host too sleeps in ppoll(2) there, and is woken by interrupting that call.
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
#include <linux/poll.h>
#include <linux/time_types.h>

#include "abi/entry.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/entry/cpuid.h"
#include "kernel/lib/check.h"
#include "kernel/mm/window.h"
#include "kernel/signal/host.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/stop.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

enum { AWAKE, ON_WORD, IN_POLL, BRIEFLY }; // thread.sleeping; the last one, too, on its word

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

static void wake_sleeper(const struct sleeper *s)
{
    if (s->how == IN_POLL)
        target_thread_interrupt((unsigned)s->block->area_index);
    else
        word_wake(sleep_word(s->block));
}

// Files of the host that end a sleep too.
struct sleep_files {
    const struct pollfd *files;
    unsigned count;
    bool ready; // the host says so
};

struct wait_set { // what one thread sleeps for
    struct waiter *first;
    unsigned count;
    size_t size; // bytes from one to the next
    struct sleep_files *files; // NULL: none
    bool patient; // does not look for a while before it sleeps
};

static bool any_woken(const struct wait_set *s)
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

static bool spin_for_wake(struct thread *t, const struct wait_set *s, const struct mm *mm)
{
    if (boot_get()->cpu_count < 2 || s->patient)
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

uint32_t membarriers_wanted;

bool thread_take_interrupt(struct thread *t)
{
    bool was = __atomic_exchange_n(&t->block->interrupt_pending, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&t->membarriers_passed, __atomic_load_n(&membarriers_wanted, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
    return was;
}

bool thread_interrupted(struct thread *t)
{
    if (__atomic_load_n(&t->block->interrupt_pending, __ATOMIC_RELAXED))
        host_signals_take();
    for (;;) {
        if ((stop_in_sleep(t) && stop_ends_syscall(t->regs)) || signal_interrupts(t))
            break;
        if (!thread_take_interrupt(t))
            return false; // what the flag stands for is set before it: after clearing it everything is looked at again
        signal_pass_on();
    }
    __atomic_store_n(&t->block->interrupt_pending, 1, __ATOMIC_SEQ_CST);
    return true;
}

// Where the host finds the timeout; 0: there is none.
static uint64_t put_timeout(const struct thread_block *tb, uint64_t timeout_ns)
{
    uint64_t at = tb->host_block + SLEEP_TIMEOUT_OFFSET;
    struct __kernel_timespec ts = {(int64_t)(timeout_ns / NS_PER_S), (int64_t)(timeout_ns % NS_PER_S)};
    if (timeout_ns == NO_DEADLINE)
        return 0;
    host_write(at, &ts, sizeof(ts));
    return at;
}

static void sleep_on_word(const struct thread_block *tb, uint64_t timeout_ns)
{
    // the trusted flags decide, whatever it answers
    (void)host_syscall(__NR_futex, sleep_word(tb), FUTEX_WAIT_PRIVATE, 0, put_timeout(tb, timeout_ns), 0, 0);
}

static void sleep_in_poll(const struct thread_block *tb, struct sleep_files *f, uint64_t timeout_ns)
{
    host_write(host_bounce(), f->files, f->count * sizeof(struct pollfd));
    long r = host_syscall(__NR_ppoll, host_bounce(), f->count, put_timeout(tb, timeout_ns), 0, 0, 0);
    f->ready = r != 0 && r != -EINTR; // an error too: better to look once more than to wait for what will not come
}

static int sleep_until(const struct wait_set *s, uint64_t deadline, bool interruptible)
{
    struct thread *t = current_thread();
    struct mm *mm = interruptible && t->process ? t->process->mm : NULL;
    uint64_t start = clock_monotonic_ns();
    if (spin_for_wake(t, s, mm))
        return 0;
    for (;;) {
        if (any_woken(s) || (s->files && s->files->ready))
            return 0;
        if (interruptible && thread_interrupted(t))
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
        __atomic_store_n(&t->sleeping, s->files ? IN_POLL : interruptible ? ON_WORD : BRIEFLY, __ATOMIC_SEQ_CST);
        bool stay = !any_woken(s) &&
                    !(interruptible && __atomic_load_n(&t->block->interrupt_pending, __ATOMIC_SEQ_CST));
        if (stay)
            cpuid_watch_end(t);
        if (stay && mm)
            turn_leave(mm);
        if (stay && s->files)
            sleep_in_poll(t->block, s->files, timeout);
        else if (stay)
            sleep_on_word(t->block, timeout);
        t->usage.waits += stay;
        if (stay)
            learn(t, clock_monotonic_ns() - start);
        __atomic_store_n(&t->sleeping, AWAKE, __ATOMIC_SEQ_CST);
        if (stay && mm)
            turn_enter(mm);
    }
}

int waiters_sleep_within(struct waiter *first, unsigned count, size_t size, uint64_t deadline_ns)
{
    return sleep_until(&(struct wait_set){first, count, size, NULL, false}, deadline_ns, true);
}

int waiters_sleep(struct waiter *w, unsigned count, uint64_t deadline_ns)
{
    return waiters_sleep_within(w, count, sizeof(*w), deadline_ns);
}

int waiters_sleep_files(struct waiter *w, unsigned count, const struct pollfd *files, unsigned file_count, uint64_t deadline_ns)
{
    struct sleep_files f = {files, file_count, false};
    const struct wait_set s = {w, count, sizeof(*w), file_count ? &f : NULL, false};
    return sleep_until(&s, deadline_ns, true);
}

int waiter_sleep(struct waiter *w, uint64_t deadline_ns)
{
    return waiters_sleep(w, 1, deadline_ns);
}

// A processor that is awake hears of each change of pages, and whose turn it is begins with many.
int waiter_sleep_turn(struct waiter *w, uint64_t deadline_ns)
{
    return sleep_until(&(struct wait_set){w, 1, sizeof(*w), NULL, /* patient= */ true}, deadline_ns, false);
}

void waiter_sleep_stopped(struct waiter *w)
{
    struct thread *t = current_thread();
    const uint32_t quiet = 0;
    if (thread_take_interrupt(t)) {
        host_signals_take();
        return;
    }
    host_write(sleep_word(t->block), &quiet, sizeof(quiet));
    __atomic_store_n(&t->sleeping, ON_WORD, __ATOMIC_SEQ_CST);
    const struct wait_set s = {w, 1, sizeof(*w), NULL, false};
    if (!any_woken(&s) && !__atomic_load_n(&t->block->interrupt_pending, __ATOMIC_SEQ_CST))
        sleep_on_word(t->block, NO_DEADLINE);
    __atomic_store_n(&t->sleeping, AWAKE, __ATOMIC_SEQ_CST);
}

void waiter_sleep_uninterruptible(struct waiter *w)
{
    (void)sleep_until(&(struct wait_set){w, 1, sizeof(*w), NULL, false}, NO_DEADLINE, false); // can only end by a wake
}

void waiter_wake_locked(struct waiter *w, struct wake_batch *batch)
{
    ASSERT(batch->count < WAKE_BATCH);
    waiter_unlink_locked(w);
    struct thread *t = w->thread; // alive: the sleeper's waitq_remove needs the lock that we hold
    __atomic_store_n(&w->woken, 1, __ATOMIC_SEQ_CST);
    uint32_t how = __atomic_load_n(&t->sleeping, __ATOMIC_SEQ_CST);
    if (how != AWAKE)
        batch->sleepers[batch->count++] = (struct sleeper){t->block, how};
}

void wake_batch_flush(struct wake_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        wake_sleeper(&batch->sleepers[i]);
    batch->count = 0;
}

bool thread_sleep_interrupt(struct thread *t)
{
    const struct sleeper s = {t->block, __atomic_load_n(&t->sleeping, __ATOMIC_SEQ_CST)};
    if (s.how != AWAKE)
        wake_sleeper(&s);
    return s.how != AWAKE;
}

bool thread_sleeps(const struct thread *t)
{
    uint32_t how = __atomic_load_n(&t->sleeping, __ATOMIC_RELAXED);
    return how == ON_WORD || how == IN_POLL;
}
