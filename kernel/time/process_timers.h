// SPDX-License-Identifier: MIT
//
// Timers that send signals: setitimer(2), alarm(2), timer_create(2). State hangs from struct process and is guarded
// by timers_lock; a timer knows its process by number only, so that it can fire while the process ends.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/time/interval.h"

struct process;
struct siginfo;

// which: ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. The last two run on the processor time of the process. 0, -EINVAL, -ENOMEM, -EAGAIN.
// setting NULL: only asks.
int itimer_exchange(int which, const struct interval_setting *setting, struct interval_setting *ret_old);

struct posix_timer_event {
    bool silent; // SIGEV_NONE
    int signal;
    int32_t tid; // the thread that gets it; 0: the process
    uint64_t value;
    bool own_number; // value is the timer's number (no sigevent was given)
};
// -EINVAL, -EOPNOTSUPP (clocks that cannot be waited for), -EAGAIN, -ENOMEM.
int posix_timer_create(int clock, const struct posix_timer_event *event, int *ret_id);
int posix_timer_delete(int id);
int posix_timer_set(int id, bool absolute, const struct interval_setting *setting, struct interval_setting *ret_old);
int posix_timer_get(int id, struct interval_setting *ret_setting);
int posix_timer_overrun(int id);

// RLIMIT_CPU of the current process, or of one that does not run yet, has changed. 0, -ENOMEM, -EAGAIN.
int process_timers_follow_limit(struct process *p);

// The current process took a signal out of its queue: a timer that sent it goes on. Fills si_overrun.
void process_timers_signal_taken(struct siginfo *info);
// execve: interval timers stay.
void process_timers_exec(struct process *p);
void process_timers_free(struct process *p);
