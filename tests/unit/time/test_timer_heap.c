// SPDX-License-Identifier: MIT
//
// The heap of timers against a plain array: random additions and removals, then everything in order.
#include "kernel/time/timer_heap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { NODES = 500, STEPS = 200000 };

static struct timer_node nodes[NODES];
static bool in[NODES];
static struct timer_node *root;

static void fail(const char *what)
{
    printf("%s\n", what);
    exit(1);
}

static uint64_t least(void)
{
    uint64_t v = UINT64_MAX;
    for (unsigned i = 0; i < NODES; i++)
        if (in[i] && nodes[i].expires < v)
            v = nodes[i].expires;
    return v;
}

static unsigned random_below(unsigned n)
{
    static uint64_t state = 0x9e3779b97f4a7c15ul;
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return (unsigned)(state >> 33) % n;
}

static void step(void)
{
    unsigned i = random_below(NODES);
    if (in[i]) {
        root = timer_heap_remove(root, &nodes[i]);
    } else {
        nodes[i].expires = random_below(300); // many are equal
        root = timer_heap_add(root, &nodes[i]);
    }
    in[i] = !in[i];
    if ((root ? root->expires : UINT64_MAX) != least())
        fail("the root is not the earliest");
}

int main(void)
{
    for (unsigned n = 0; n < STEPS; n++)
        step();
    uint64_t last = 0;
    unsigned count = 0, expected = 0;
    for (unsigned i = 0; i < NODES; i++)
        expected += in[i];
    for (; root; count++) {
        if (root->expires < last)
            fail("not in order");
        last = root->expires;
        root = timer_heap_remove(root, root);
    }
    if (count != expected)
        fail("nodes were lost");
    printf("%u steps, %u nodes at the end\n", STEPS, count);
    return 0;
}
