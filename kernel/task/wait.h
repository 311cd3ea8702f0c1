// SPDX-License-Identifier: MIT
//
// Parents and children: zombies, waiting, orphans.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/task/task.h"

struct process;

// The last thread of p is about to go: memory and files are given back, children become orphans, the parent is told. p may be
// gone on return.
void process_finish(struct process *p);
// A child of vfork has its own memory now, or is ending.
void vfork_release(struct process *p);
// Waits for that. The child shares the caller's address space.
void vfork_wait(int32_t pid);

// prctl(2): what p gets when its parent ends (0: nothing), and whether it becomes the parent of orphans below it.
void process_set_parent_death_signal(struct process *p, int sig);
void process_set_subreaper(struct process *p, bool subreaper);

// The parent hears that p stopped or goes on (CLD_STOPPED, CLD_CONTINUED; the signal), if it wants to.
void process_tell_stop(struct process *p, int code, int status);

struct wait_request {
    enum { WAIT_ANY, WAIT_PID, WAIT_GROUP } which;
    int32_t id;
    int options; // W* of wait.h
};
struct wait_answer {
    int32_t pid; // 0: none yet (WNOHANG)
    uint32_t uid;
    int status; // wait status
    uint64_t cpu_ns; // processor time of its own and of its children that it has waited for
    struct usage used; // likewise
};
// 0, -ECHILD, -EINTR. Reaps, and takes what was reported, unless WNOWAIT.
long process_wait(const struct wait_request *request, struct wait_answer *ret);
// Of all that p has waited for.
uint64_t children_cpu_ns(const struct process *p);
struct usage children_usage(const struct process *p);
void usage_add(struct usage *to, const struct usage *more);
