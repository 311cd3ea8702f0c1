// SPDX-License-Identifier: MIT
//
// Timers on processor time. Nobody tells the kernel when a program has used some: its count is looked at when
// it could have been reached at the earliest, that is if every processor had worked for us all the while, and never
// closer than a tick. timers_lock is held in all of these.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/time/interval.h"
#include "kernel/time/processor_time.h"

struct cpu_timer {
    struct timer timer; // first
    struct cpu_clock clock;
    uint64_t expires;   // processor time
    uint64_t interval_ns;
    bool set;
    void (*fire)(struct cpu_timer *t);
};

int cpu_timer_set(struct cpu_timer *t, bool absolute, const struct interval_setting *s); // 0 or -EAGAIN
void cpu_timer_get(const struct cpu_timer *t, struct interval_setting *ret_setting);
