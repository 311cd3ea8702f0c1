// SPDX-License-Identifier: MIT
//
// What happens to files, told to those who watch them (inotify(7), kernel/fs/event/inotify.h). Masks are IN_* of <linux/inotify.h>.
//
// Without watches all of these return at once. They take locks of their own only, inside all others.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node;

extern uint32_t notify_watches; // how many there are
static inline bool notify_wanted(void)
{
    return __builtin_expect(__atomic_load_n(&notify_watches, __ATOMIC_RELAXED) != 0, 0);
}

// Something happened to the node: told to its watches, and to those of directories that have it, by its name there.
void notify_node(struct node *n, uint32_t mask);
// A name in a directory was made, removed or moved. cookie: see notify_cookie; 0: none.
void notify_name(struct node *dir, const char *name, size_t length, const struct node *n, uint32_t mask, uint32_t cookie);
// Only the node's own watches learn of it.
void notify_self(struct node *n, uint32_t mask);
// A number that ties the two events of a move together.
uint32_t notify_cookie(void);
// The caller's reference is perhaps the last besides the watches': then the node is gone, and its watches with it.
void notify_if_gone(struct node *n);
