// SPDX-License-Identifier: MIT
//
// Timers of one clock, the earliest first: a pairing heap through the timers themselves, so that nothing can run out.
#pragma once

#include <stdint.h>

struct timer_node {
    struct timer_node *child, *next, *back; // back: the elder sibling, or the parent of an eldest child
    uint64_t expires;
};

// All of these return the new root; NULL is the empty heap.
struct timer_node *timer_heap_add(struct timer_node *root, struct timer_node *n);
struct timer_node *timer_heap_remove(struct timer_node *root, struct timer_node *n); // n is in this heap
