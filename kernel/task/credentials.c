// SPDX-License-Identifier: MIT
#include "kernel/task/credentials.h"

#include "kernel/mm/heap.h"
#include "kernel/task/task.h"

struct group_list {
    uint32_t references, count;
    uint32_t gids[]; // fixed once somebody has them
};

uint32_t group_count(const struct credentials *c)
{
    return c->groups ? c->groups->count : 0;
}

uint32_t group_at(const struct credentials *c, uint32_t index)
{
    return c->groups->gids[index];
}

bool is_in_group(const struct credentials *c, uint32_t primary, uint32_t gid)
{
    uint32_t low = 0, high = group_count(c);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->groups->gids[middle] < gid)
            low = middle + 1;
        else
            high = middle;
    }
    return gid == primary || (low < group_count(c) && c->groups->gids[low] == gid);
}

struct group_list *groups_new(uint32_t count)
{
    struct group_list *l = kmalloc(sizeof(*l) + count * sizeof(l->gids[0]));
    if (l)
        *l = (struct group_list){.references = 1, .count = count};
    return l;
}

uint32_t *groups_numbers(struct group_list *l)
{
    return l->gids;
}

// Heapsort: what stands at `at` sinks to its place among the first `count`.
static void sink(uint32_t *gids, uint32_t at, uint32_t count)
{
    for (uint32_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && gids[child + 1] > gids[child])
            child++;
        if (gids[at] >= gids[child])
            return;
        uint32_t gid = gids[at];
        gids[at] = gids[child];
        gids[child] = gid;
    }
}

void groups_sort(struct group_list *l)
{
    for (uint32_t at = l->count / 2; at-- > 0;)
        sink(l->gids, at, l->count);
    for (uint32_t last = l->count; last-- > 1;) {
        uint32_t gid = l->gids[last];
        l->gids[last] = l->gids[0];
        l->gids[0] = gid;
        sink(l->gids, 0, last);
    }
}

void groups_put(struct group_list *l)
{
    if (l && !__atomic_sub_fetch(&l->references, 1, __ATOMIC_ACQ_REL))
        kfree(l);
}

void credentials_copy(struct credentials *to, const struct credentials *from)
{
    struct group_list *before = to->groups;
    if (from->groups)
        __atomic_add_fetch(&from->groups->references, 1, __ATOMIC_RELAXED);
    *to = *from;
    groups_put(before);
}

void credentials_end(struct credentials *c)
{
    groups_put(c->groups);
    c->groups = NULL;
}
