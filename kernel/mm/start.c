// SPDX-License-Identifier: MIT
#include "kernel/mm/start.h"

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/space.h"

struct program_start *program_start_new(const void *const part[START_PARTS], const size_t size[START_PARTS],
                                        const uint64_t place[START_PARTS])
{
    size_t sum = 0;
    for (unsigned i = 0; i < START_PARTS; i++)
        sum += size[i];
    struct program_start *s = kmalloc(sizeof(*s) + sum);
    if (!s)
        return NULL;
    s->references = 1;
    sum = 0;
    for (unsigned i = 0; i < START_PARTS; i++) {
        memcpy(s->data + sum, part[i], size[i]);
        s->end[i] = sum += size[i];
        s->place[i] = place[i];
    }
    return s;
}

void program_start_put(struct program_start *s)
{
    if (s && !__atomic_sub_fetch(&s->references, 1, __ATOMIC_ACQ_REL))
        kfree(s);
}

void mm_set_start(struct mm *mm, struct program_start *s)
{
    mm->start = s;
}

const struct program_start *mm_start(const struct mm *mm)
{
    return mm->start;
}
