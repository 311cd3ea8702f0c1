// SPDX-License-Identifier: MIT
#include "kernel/syscall/deadline.h"

#include <stdbool.h>

#include <linux/errno.h>
#include <linux/time_types.h>

#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

#define NEVER UINT64_MAX
#define SECONDS_MAX (1ul << 32) // longer waits are for ever

static uint64_t after(uint64_t seconds, uint64_t ns)
{
    if (!seconds && !ns)
        return 0;
    return seconds > SECONDS_MAX ? NEVER : clock_monotonic_ns() + seconds * NS_PER_S + ns;
}

uint64_t deadline_after_ms(int ms)
{
    return ms < 0 ? NEVER : after((uint64_t)ms / 1000, (uint64_t)ms % 1000 * 1000000);
}

// More than a second in the second part is an error (strict), or passes for what it is.
static int from_pair(const void USER *p, uint64_t *ret, long unit_ns, bool strict)
{
    int64_t pair[2];
    *ret = NEVER;
    if (!p)
        return 0;
    if (copy_from_user(pair, p, sizeof(pair)))
        return -EFAULT;
    const int64_t units = (int64_t)NS_PER_S / unit_ns;
    if (pair[0] < 0 || pair[1] < 0 || (strict && pair[1] >= units))
        return -EINVAL;
    if (pair[1] >= units && !__builtin_add_overflow(pair[0], pair[1] / units, &pair[0]))
        pair[1] %= units;
    *ret = after((uint64_t)pair[0], (uint64_t)(pair[1] * unit_ns));
    return 0;
}

int deadline_from_timespec(const void USER *ts, uint64_t *ret)
{
    return from_pair(ts, ret, 1, /* strict= */ true);
}

int deadline_from_timeval(const void USER *tv, uint64_t *ret)
{
    return from_pair(tv, ret, 1000, /* strict= */ false);
}

int signal_mask_swap(const void USER *mask, size_t size)
{
    uint64_t set;
    if (!mask)
        return 0;
    if (size != sizeof(set))
        return -EINVAL;
    if (copy_from_user(&set, mask, sizeof(set)))
        return -EFAULT;
    struct thread *t = current_thread();
    t->saved_signal_mask = t->signal_mask;
    t->restore_signal_mask = true;
    signal_mask_set(set);
    return 0;
}

long signal_mask_swap_back(long result)
{
    struct thread *t = current_thread();
    if (!t->restore_signal_mask)
        return result;
    if (result == -EINTR) {
        t->block->interrupt_pending = 1; // the way back to the program does it
        return result;
    }
    t->restore_signal_mask = false;
    signal_mask_set(t->saved_signal_mask);
    return result;
}
