// SPDX-License-Identifier: MIT
#include "kernel/signal/stop.h"

#include <stddef.h>

#include <linux/signal.h>
#include <linux/wait.h>

#include "kernel/mm/window.h"
#include "kernel/signal/action.h"
#include "kernel/signal/host.h"
#include "kernel/signal/signal.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/wait.h"

enum { STATUS_CONTINUED = 0xffff, STATUS_STOPPED = 0x7f };

static bool has_to_end(const struct thread *t)
{
    const struct process *p = t->process;
    return __atomic_load_n(&p->exiting, __ATOMIC_RELAXED) || (p->execer && p->execer != t);
}

static void check_done_locked(struct process *p, unsigned threads)
{
    struct stop *s = &p->stop;
    if (!s->signal || s->done || s->threads < threads)
        return;
    s->done = true;
    s->report = s->signal << 8 | STATUS_STOPPED;
    s->news = CLD_STOPPED;
    s->news_status = s->signal;
}

// false: there is no stop to take part in.
static bool join(struct thread *t)
{
    struct process *p = t->process;
    struct stop *s = &p->stop;
    if (!__atomic_load_n(&s->signal, __ATOMIC_ACQUIRE))
        return false;
    mutex_lock(&p->lock);
    spin_lock(&p->signal_lock);
    bool stops = s->signal && !has_to_end(t);
    if (stops && t->stopped_in != s->generation) {
        t->stopped_in = s->generation;
        s->threads++;
        check_done_locked(p, p->thread_count);
    }
    spin_unlock(&p->signal_lock);
    mutex_unlock(&p->lock);
    return stops;
}

// What the process has to tell is told by whichever of its threads is first.
static void tell(struct process *p)
{
    spin_lock(&p->signal_lock);
    int news = p->stop.news, status = p->stop.news_status;
    int sig = p->stop.done ? p->stop.signal : 0;
    p->stop.news = 0;
    spin_unlock(&p->signal_lock);
    if (!news)
        return;
    process_tell_stop(p, news, status);
    if (news == CLD_STOPPED && sig && process_is_first(p))
        host_stop(sig);
}

bool thread_is_stopped(const struct thread *t)
{
    const struct stop *s = &t->process->stop;
    return __atomic_load_n(&s->signal, __ATOMIC_ACQUIRE) && __atomic_load_n(&s->generation, __ATOMIC_RELAXED) == t->stopped_in;
}

static bool goes_on_sleeping(const struct thread *t)
{
    return thread_is_stopped(t) && !has_to_end(t) && !__atomic_load_n(&t->process->stop.news, __ATOMIC_RELAXED);
}

static void sleep_stopped(struct thread *t)
{
    struct process *p = t->process;
    turn_leave(p->mm);
    do {
        struct waiter w = {0};
        tell(p);
        waitq_add(&p->stop_wait, &w);
        if (goes_on_sleeping(t))
            waiter_sleep_stopped(&w);
        waitq_remove(&w);
    } while (thread_is_stopped(t) && !has_to_end(t));
    tell(p);
    turn_enter(p->mm);
}

bool stop_take_part(void)
{
    struct thread *t = current_thread();
    if (!join(t))
        return false;
    do
        sleep_stopped(t);
    while (join(t)); // another one by now
    __atomic_store_n(&t->block->interrupt_pending, 1, __ATOMIC_SEQ_CST); // whatever came meanwhile
    return true;
}

void stop_begin(int sig)
{
    struct thread *self = current_thread();
    struct process *p = self->process;
    struct stop *s = &p->stop;
    bool orphaned = sig != SIGSTOP && process_group_is_orphaned(p->pgid);
    mutex_lock(&p->lock);
    spin_lock(&p->signal_lock);
    bool begins = s->taken && !orphaned && !s->signal && !p->exiting && !p->execer;
    if (begins) {
        uint32_t generation = s->generation + 1;
        *s = (struct stop){.generation = generation ? generation : 1, .taken = true};
        __atomic_store_n(&s->signal, sig, __ATOMIC_RELEASE);
    }
    spin_unlock(&p->signal_lock);
    for (struct thread *t = begins ? p->threads : NULL; t; t = t->next)
        if (t != self)
            thread_kick(t);
    mutex_unlock(&p->lock);
    (void)stop_take_part();
}

bool stop_in_sleep(struct thread *t)
{
    if (!t->process)
        return false;
    int sig = signal_take_stop();
    if (!sig)
        return stop_take_part();
    stop_begin(sig);
    return true;
}

void stop_continue_locked(struct process *p)
{
    struct stop *s = &p->stop;
    s->taken = false;
    if (!s->signal)
        return;
    s->news = s->done ? CLD_CONTINUED : CLD_STOPPED;
    s->news_status = s->done ? SIGCONT : s->signal;
    s->report = STATUS_CONTINUED;
    __atomic_store_n(&s->signal, 0, __ATOMIC_RELEASE);
}

void stop_cancel_locked(struct process *p)
{
    struct stop *s = &p->stop;
    s->taken = false;
    s->report = s->news = 0;
    __atomic_store_n(&s->signal, 0, __ATOMIC_RELEASE);
}

void stop_wake(struct process *p)
{
    (void)waitq_wake(&p->stop_wait, UINT32_MAX);
}

void stop_thread_gone(struct process *p, const struct thread *t)
{
    spin_lock(&p->signal_lock);
    if (p->stop.signal && t->stopped_in == p->stop.generation)
        p->stop.threads--;
    if (p->thread_count)
        check_done_locked(p, p->thread_count);
    bool news = p->stop.news;
    spin_unlock(&p->signal_lock);
    if (news)
        stop_wake(p);
}
