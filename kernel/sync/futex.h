// SPDX-License-Identifier: MIT
//
// Futexes: futex(2) without the system call's decoding. A futex is an address in a space: that of the process for private ones,
// that of all processes that inherited the mapping for shared ones (mm_futex_space).
#pragma once

#include <stdint.h>

#define FUTEX_ANY 0xffffffffu // bitset that matches every waiter

// Sleeps while *address == expected (tested under the futex's lock). deadline: CLOCK_MONOTONIC ns, UINT64_MAX = none.
// 0, -EAGAIN, -ETIMEDOUT, -EINTR, -EFAULT.
long futex_wait(const void *space, uint64_t address, uint32_t expected, uint64_t deadline, uint32_t bitset);
// Wakes at most count waiters; how many.
long futex_wake(const void *space, uint64_t address, uint32_t count, uint32_t bitset);
// Wakes at most `wake`, moves at most `move` of the others to `to`. compare: only if *address is *compare, else -EAGAIN.
long futex_requeue(const void *space, uint64_t address, uint64_t to, uint32_t wake, uint32_t move, const uint32_t *compare);
// FUTEX_WAKE_OP: changes *second as `op` says, wakes at address, and at second if the old value compares true.
long futex_wake_op(const void *space, uint64_t address, uint64_t second, uint32_t wake, uint32_t wake_second, uint32_t op);
