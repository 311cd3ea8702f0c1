// SPDX-License-Identifier: MIT
//
// Futexes that are locks: futex(2), "Priority-inheritance futexes". The word holds the owner's thread number, FUTEX_WAITERS and
// FUTEX_OWNER_DIED. Addresses and keys as in futex.h; deadlines are CLOCK_MONOTONIC ns, UINT64_MAX = none.
#pragma once

#include <stdint.h>

#include "kernel/mm/mm.h"

struct thread;

// Takes the lock, or waits until it is handed over. 0, -EDEADLK (held by the caller), -ESRCH (held by nobody alive), -EINVAL (others
// wait there in another way, or the word is not aligned), -ETIMEDOUT, -EINTR, -EFAULT.
long futex_lock_pi(struct futex_key key, uint64_t address, uint64_t deadline);
// Takes the lock or not. As futex_lock_pi; -EAGAIN when it is held.
long futex_trylock_pi(struct futex_key key, uint64_t address);
// Gives the lock to the waiter of the highest priority that came first, or frees it. 0, -EPERM (not the caller's), -EINVAL, -EFAULT.
long futex_unlock_pi(struct futex_key key, uint64_t address);
// Sleeps as futex_wait does, until moved to the lock `lock` by futex_requeue_pi and handed it. 0: holds it. -EAGAIN: the word has
// another value, or a signal came when moved already.
long futex_wait_requeue_pi(struct futex_key key, uint64_t address, uint32_t expected, uint64_t deadline, struct futex_key lock,
                           uint64_t lock_address);
// Gives the lock to the first who waits under key, if it is free, and moves at most `move` others there; how many in all. -EAGAIN:
// *address is not `expected`. -EINVAL: others than futex_wait_requeue_pi(lock) wait there. Else as futex_lock_pi.
long futex_requeue_pi(struct futex_key key, uint64_t address, struct futex_key lock, uint64_t lock_address, uint32_t move,
                      uint32_t expected);

// A robust lock of the dying thread t: marks it FUTEX_OWNER_DIED and hands it over.
void futex_pi_owner_died(const struct thread *t, struct futex_key key, uint64_t address);
// The thread leaves its memory: locks that it holds and others wait for are handed over. Nobody waits for it from now on, until
// futex_pi_begin (execve).
void futex_pi_end(struct thread *t);
void futex_pi_begin(struct thread *t);
