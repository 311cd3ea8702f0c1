// SPDX-License-Identifier: MIT
//
// Time-outs of system calls as deadlines on the monotonic clock (ns): 0 = do not wait, UINT64_MAX = for ever.
#pragma once

#include <stdint.h>

#include "kernel/mm/user.h"

uint64_t deadline_after_ms(int ms); // negative: for ever
// NULL: for ever. 0, -EFAULT, -EINVAL.
int deadline_from_timespec(const void USER *ts, uint64_t *ret);
int deadline_from_timeval(const void USER *tv, uint64_t *ret);
// Replaces the signal mask until signal_mask_swap_back (ppoll, pselect, epoll_pwait). NULL: nothing. 0, -EFAULT, -EINVAL.
int signal_mask_swap(const void USER *mask, size_t size);
// The mask from before; after -EINTR only when the signal's handler has run, or there was none. Returns result.
long signal_mask_swap_back(long result);
