// SPDX-License-Identifier: MIT
#include "kernel/time/timer_heap.h"

#include <stddef.h>

// Two roots without siblings become one. Equal times keep their order: a first.
static struct timer_node *meld(struct timer_node *a, struct timer_node *b)
{
    if (!a || !b)
        return a ? a : b;
    if (b->expires < a->expires) {
        struct timer_node *c = a;
        a = b;
        b = c;
    }
    b->next = a->child;
    if (a->child)
        a->child->back = b;
    b->back = a;
    a->child = b;
    return a;
}

static struct timer_node *cut_eldest(struct timer_node **list)
{
    struct timer_node *n = *list;
    if (n) {
        *list = n->next;
        n->next = n->back = NULL;
    }
    return n;
}

// The children of a removed node as one heap: in pairs, then all pairs.
static struct timer_node *meld_list(struct timer_node *list)
{
    struct timer_node *pairs = NULL, *root = NULL;
    while (list) {
        struct timer_node *a = cut_eldest(&list), *b = cut_eldest(&list);
        struct timer_node *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    while (pairs)
        root = meld(cut_eldest(&pairs), root);
    return root;
}

struct timer_node *timer_heap_add(struct timer_node *root, struct timer_node *n)
{
    n->child = n->next = n->back = NULL;
    return meld(root, n);
}

struct timer_node *timer_heap_remove(struct timer_node *root, struct timer_node *n)
{
    struct timer_node *children = meld_list(n->child);
    n->child = NULL;
    if (n == root)
        return children;
    if (n->back->child == n)
        n->back->child = n->next;
    else
        n->back->next = n->next;
    if (n->next)
        n->next->back = n->back;
    n->next = n->back = NULL;
    return meld(root, children);
}
