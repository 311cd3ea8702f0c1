// SPDX-License-Identifier: MIT
#pragma once

struct thread;

// Marks the robust futexes that a dying thread holds as FUTEX_OWNER_DIED and wakes a waiter of each: set_robust_list(2).
void robust_list_release(struct thread *t);
