// SPDX-License-Identifier: MIT
//
// What a hostile host can try here, and the answer:
// - tell any time, also one that goes back: nobody has used less than nothing. Time is untrusted by contract.
#include "kernel/time/processor_time.h"

#include <stddef.h>

#include <linux/errno.h>

#include "abi/entry.h"
#include "abi/layout.h"
#include "kernel/mm/mm.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/time/host_clock.h"

// The host thread of a thread area stays. Of the area's thread:
static struct {
    int clock;        // of the host thread; 0: not known yet
    uint64_t used_ns; // by it, before its thread of now began
} areas[THREAD_AREA_COUNT];

static uint64_t read_area(uint64_t index)
{
    int clock = __atomic_load_n(&areas[index].clock, __ATOMIC_RELAXED);
    uint64_t now = clock ? host_clock_ns(clock) : 0;
    return now > areas[index].used_ns ? now - areas[index].used_ns : 0;
}

void processor_time_begin(struct thread *t)
{
    uint64_t index = t->block->area_index;
    if (!areas[index].clock) {
        int clock = host_clock_of_thread();
        areas[index].used_ns = clock ? host_clock_ns(clock) : 0;
        __atomic_store_n(&areas[index].clock, clock, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&t->has_time, true, __ATOMIC_RELEASE);
}

// Before anybody hears of the end: who joins it may want its area at once, and would find another host thread asleep.
void processor_time_end(struct thread *t)
{
    uint64_t used = processor_time_of_thread(t);
    __atomic_store_n(&t->has_time, false, __ATOMIC_RELAXED);
    __atomic_add_fetch(&t->process->ended_cpu_ns, used, __ATOMIC_RELAXED);
    areas[t->block->area_index].used_ns += used;
    struct usage *ended = &t->process->ended_usage;
    __atomic_add_fetch(&ended->faults, t->usage.faults, __ATOMIC_RELAXED);
    __atomic_add_fetch(&ended->waits, t->usage.waits, __ATOMIC_RELAXED);
    __atomic_store_n(&ended->most_bytes, mm_committed(), __ATOMIC_RELAXED);
}

uint64_t processor_time_of_thread(const struct thread *t)
{
    return __atomic_load_n(&t->has_time, __ATOMIC_ACQUIRE) ? read_area(t->block->area_index) : 0;
}

// Never less than before, though a thread may end meanwhile.
uint64_t processor_time_of_process_locked(struct process *p)
{
    uint64_t ns = __atomic_load_n(&p->ended_cpu_ns, __ATOMIC_RELAXED);
    for (const struct thread *t = p->threads; t; t = t->next)
        ns += processor_time_of_thread(t);
    if (ns > p->seen_cpu_ns)
        p->seen_cpu_ns = ns;
    return p->seen_cpu_ns;
}

static struct process *lock_process(int32_t pid)
{
    struct process *self = current_process();
    if (!self || self->pid != pid)
        return process_find_lock(pid);
    mutex_lock(&self->lock);
    return self;
}

int processor_time(struct cpu_clock clock, uint64_t *ret_ns)
{
    struct process *p = lock_process(clock.pid);
    struct thread *t = p && clock.tid ? thread_find_locked(p, clock.tid) : NULL;
    int r = p && (t || !clock.tid) ? 0 : -EINVAL;
    if (!r)
        *ret_ns = t ? processor_time_of_thread(t) : processor_time_of_process_locked(p);
    if (p)
        mutex_unlock(&p->lock);
    return r;
}
