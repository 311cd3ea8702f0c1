// SPDX-License-Identifier: MIT
//
// Futexes: futex(2) without the system call's decoding. Waiters stand under a key (mm_futex_key): address space and address for
// private words, file and offset for words in shared mappings, which have several addresses.
#pragma once

#include <stdint.h>

#include "kernel/mm/mm.h"

#define FUTEX_ANY 0xffffffffu // bitset that matches every waiter

// Sleeps while *address == expected (tested under the futex's lock). deadline: CLOCK_MONOTONIC ns, UINT64_MAX = none.
// 0, -EAGAIN, -ETIMEDOUT, -EINTR, -EFAULT.
long futex_wait(struct futex_key key, uint64_t address, uint32_t expected, uint64_t deadline, uint32_t bitset);
// What futex_waitv waits for: one of several words.
struct futex_wait {
    struct futex_key key;
    uint64_t address;
    uint32_t expected;
};
// Sleeps until one of them is woken for: its index. Or as above; -EAGAIN if any has another value than expected; -ENOMEM.
long futex_wait_any(const struct futex_wait *words, unsigned count, uint64_t deadline);
// Wakes at most count waiters; how many.
long futex_wake(struct futex_key key, uint32_t count, uint32_t bitset);
// Wakes at most `wake`, moves at most `move` of the others from key (the word at address) to `to`. compare: only if *address is
// *compare, else -EAGAIN.
long futex_requeue(struct futex_key key, uint64_t address, struct futex_key to, uint32_t wake, uint32_t move, const uint32_t *compare);
// FUTEX_WAKE_OP: changes *address as `op` says, wakes under key, and under second, which is address's, if the old value compares true.
long futex_wake_op(struct futex_key key, struct futex_key second, uint64_t address, uint32_t wake, uint32_t wake_second, uint32_t op);
