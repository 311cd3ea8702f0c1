// SPDX-License-Identifier: MIT
#include "kernel/time/process_timers.h"

#include <stddef.h>

#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/time.h>

#include "kernel/mm/heap.h"
#include "kernel/signal/signal.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/time/cpu_timer.h"
#include "kernel/time/time.h"

enum { POSIX_TIMERS_MAX = 16384 };
#define DELAYTIMER_MAX 0x7fffffffu
#define IGNORED_PERIOD_NS 1000000ul // a period that only sends ignored signals is not followed closer than this

struct posix_timer {
    struct interval_timer interval; // first
    struct posix_timer *next;
    int32_t pid;
    int id, clock;
    bool on_cpu; // cpu, not interval, is what runs
    struct cpu_timer cpu;
    struct posix_timer_event event;
    bool queued; // its signal waits to be taken
    uint64_t missed; // expiries while it did
    int overrun; // of the last signal taken
};

struct real_timer { // ITIMER_REAL
    struct interval_timer interval; // first
    int32_t pid;
};

struct process_timer { // ITIMER_VIRTUAL, ITIMER_PROF
    struct cpu_timer cpu; // first
    int32_t pid;
    int signal;
};

struct process_timers {
    struct real_timer real;
    struct process_timer cpu[2], limit; // the last for RLIMIT_CPU
    struct posix_timer *posix;
    unsigned posix_count;
    int next_id;
};

static void send(int32_t pid, const struct siginfo *info)
{
    struct process *p = process_find_lock(pid);
    if (!p)
        return;
    if (p->threads)
        (void)signal_send_process(p, info); // out of memory: as if it had been pending already
    mutex_unlock(&p->lock);
}

static void real_fire(struct timer *timer)
{
    struct real_timer *t = (struct real_timer *)timer;
    const struct siginfo info = {.si_signo = SIGALRM, .si_code = SI_KERNEL};
    interval_expired(&t->interval);
    send(t->pid, &info);
}

static void cpu_fire(struct cpu_timer *timer)
{
    const struct process_timer *t = (struct process_timer *)timer;
    const struct siginfo info = {.si_signo = t->signal, .si_code = SI_KERNEL};
    send(t->pid, &info);
}

// RLIMIT_CPU: a signal each second from the soft limit on, the end at the hard one.
static void limit_fire(struct cpu_timer *timer)
{
    const struct process_timer *t = (struct process_timer *)timer;
    struct siginfo info = {.si_signo = SIGXCPU, .si_code = SI_KERNEL};
    struct process *p = process_find_lock(t->pid);
    if (p && processor_time_of_process_locked(p) / NS_PER_S >= p->rlimits[RLIMIT_CPU][1])
        info.si_signo = SIGKILL;
    if (p && p->threads)
        (void)signal_send_process(p, &info);
    if (p)
        mutex_unlock(&p->lock);
}

// Made on first use. NULL: out of memory.
static struct process_timers *timers_of(struct process *p)
{
    if (p->timers)
        return p->timers;
    struct process_timers *all = kzalloc(sizeof(*all));
    if (!all)
        return NULL;
    all->real.interval.timer.fire = real_fire;
    all->real.pid = p->pid;
    for (unsigned i = 0; i < 2; i++)
        all->cpu[i] = (struct process_timer){
            .pid = p->pid, .signal = i ? SIGPROF : SIGVTALRM, .cpu = {.clock = {.pid = p->pid}, .fire = cpu_fire}};
    all->limit = (struct process_timer){.pid = p->pid, .cpu = {.clock = {.pid = p->pid}, .fire = limit_fire}};
    p->timers = all;
    return all;
}

static int exchange_locked(int which, const struct interval_setting *setting, struct interval_setting *ret_old)
{
    struct process_timers *all = timers_of(current_process());
    if (!all)
        return -ENOMEM;
    if (which == ITIMER_REAL) {
        interval_get(&all->real.interval, ret_old);
        if (!setting)
            return 0;
        // Of a real timer that is stopped no interval is kept, unlike of those of processor time.
        const struct interval_setting s = {setting->value_ns, setting->value_ns ? setting->interval_ns : 0};
        return interval_set(&all->real.interval, TIMER_MONOTONIC, /* absolute= */ false, &s);
    }
    struct cpu_timer *cpu = &all->cpu[which == ITIMER_PROF].cpu;
    cpu_timer_get(cpu, ret_old);
    return setting ? cpu_timer_set(cpu, /* absolute= */ false, setting) : 0;
}

int process_timers_follow_limit(struct process *p)
{
    const uint64_t seconds = p->rlimits[RLIMIT_CPU][0];
    const bool limited = seconds < UINT64_MAX / NS_PER_S;
    const struct interval_setting s = {.value_ns = (seconds ? seconds : 1) * NS_PER_S, .interval_ns = NS_PER_S}, none = {0};
    timers_lock();
    struct process_timers *all = limited || p->timers ? timers_of(p) : NULL;
    int r = all ? cpu_timer_set(&all->limit.cpu, /* absolute= */ true, limited ? &s : &none) : limited ? -ENOMEM : 0;
    timers_unlock();
    return r;
}

int itimer_exchange(int which, const struct interval_setting *setting, struct interval_setting *ret_old)
{
    if (which != ITIMER_REAL && which != ITIMER_VIRTUAL && which != ITIMER_PROF)
        return -EINVAL;
    timers_lock();
    int r = exchange_locked(which, setting, ret_old);
    timers_unlock();
    return r;
}

// true: it waits to be taken.
static bool posix_send(const struct posix_timer *t)
{
    struct siginfo info = {.si_signo = t->event.signal, .si_code = SI_TIMER};
    info.si_tid = t->id; // the field that programs know as si_timerid
    info.si_value.sival_ptr = (void *)t->event.value;
    struct process *p = process_find_lock(t->pid);
    if (!p)
        return false;
    struct thread *thread = t->event.tid ? thread_find_locked(p, t->event.tid) : NULL;
    bool possible = t->event.tid ? thread != NULL : p->threads != NULL;
    bool queued = possible && signal_send_timer(p, thread, &info);
    mutex_unlock(&p->lock);
    return queued;
}

static bool posix_expired(struct posix_timer *t)
{
    if (t->event.silent)
        return false;
    if (t->queued)
        t->missed++;
    else
        t->queued = posix_send(t);
    return t->queued;
}

static void posix_fire(struct timer *timer)
{
    struct posix_timer *t = (struct posix_timer *)timer;
    interval_expired(&t->interval);
    if (posix_expired(t) || !t->interval.resting)
        return;
    // Nobody will take it: go on by ourselves. Silent timers rest; posix_timer_get counts for them.
    if (!t->event.silent) {
        uint64_t next = timer_now(timer->clock) + IGNORED_PERIOD_NS;
        if (timer->node.expires + t->interval.interval_ns > next)
            next = timer->node.expires + t->interval.interval_ns;
        t->interval.resting = false;
        (void)timer_arm(timer, next); // the timer thread runs
    }
}

static void posix_cpu_fire(struct cpu_timer *cpu)
{
    struct posix_timer *t = (struct posix_timer *)((char *)cpu - offsetof(struct posix_timer, cpu));
    (void)posix_expired(t);
}

static struct posix_timer **find(int id)
{
    static struct posix_timer *none;
    struct process_timers *all = current_process()->timers;
    struct posix_timer **link = all ? &all->posix : &none;
    while (*link && (*link)->id != id)
        link = &(*link)->next;
    return link;
}

static int check_event(const struct posix_timer_event *e)
{
    if (e->silent)
        return 0;
    if (e->signal < 1 || e->signal > 64)
        return -EINVAL;
    if (!e->tid)
        return 0;
    struct process *p = current_process();
    mutex_lock(&p->lock);
    bool there = thread_find_locked(p, e->tid);
    mutex_unlock(&p->lock);
    return there ? 0 : -EINVAL;
}

static int add_locked(struct posix_timer *t)
{
    struct process_timers *all = timers_of(current_process());
    if (!all)
        return -ENOMEM;
    if (all->posix_count == POSIX_TIMERS_MAX || all->posix_count >= current_process()->rlimits[RLIMIT_SIGPENDING][0])
        return -EAGAIN; // each has the place of its signal
    do {
        t->id = all->next_id;
        all->next_id = t->id == INT32_MAX ? 0 : t->id + 1;
    } while (*find(t->id));
    if (t->event.own_number)
        t->event.value = (uint64_t)t->id;
    t->next = all->posix;
    all->posix = t;
    all->posix_count++;
    return 0;
}

// What the timer counts on, if it is processor time. -EINVAL: no clock, -EOPNOTSUPP: not one for timers.
static int find_clock(int clock, bool *ret_on_cpu, struct cpu_clock *ret_clock)
{
    enum timer_clock unused;
    uint64_t now;
    *ret_on_cpu = !clock_of_processor(clock, ret_clock);
    if (*ret_on_cpu)
        return processor_time(*ret_clock, &now);
    return !interval_clock(clock, &unused) ? 0 : clock_get_ns(clock, &now) ? -EINVAL : -EOPNOTSUPP;
}

int posix_timer_create(int clock, const struct posix_timer_event *event, int *ret_id)
{
    bool on_cpu;
    struct cpu_clock cpu_clock = {0};
    int r = find_clock(clock, &on_cpu, &cpu_clock);
    if (!r)
        r = check_event(event);
    if (r)
        return r;
    struct posix_timer *t = kzalloc(sizeof(*t));
    if (!t)
        return -EAGAIN;
    *t = (struct posix_timer){.pid = current_process()->pid, .clock = clock, .on_cpu = on_cpu, .event = *event};
    t->interval.timer.fire = posix_fire;
    t->cpu.fire = posix_cpu_fire;
    t->cpu.clock = cpu_clock;
    timers_lock();
    r = add_locked(t);
    timers_unlock();
    if (r)
        kfree(t);
    else
        *ret_id = t->id;
    return r;
}

// What it has sent and nobody has taken yet goes with its setting.
static void forget_signal(struct posix_timer *t)
{
    if (t->queued)
        signal_forget_timer(current_process(), t->id);
    t->queued = false;
}

static void stop(struct posix_timer *t)
{
    timer_disarm(&t->interval.timer);
    timer_disarm(&t->cpu.timer);
}

int posix_timer_delete(int id)
{
    timers_lock();
    struct posix_timer **link = find(id), *t = *link;
    if (t) {
        *link = t->next;
        stop(t);
        forget_signal(t);
        current_process()->timers->posix_count--;
    }
    timers_unlock();
    kfree(t);
    return t ? 0 : -EINVAL;
}

static void get_locked(struct posix_timer *t, struct interval_setting *ret)
{
    if (t->on_cpu)
        cpu_timer_get(&t->cpu, ret);
    else
        interval_get(&t->interval, ret);
}

static int set_locked(struct posix_timer *t, bool absolute, const struct interval_setting *setting)
{
    enum timer_clock clock;
    forget_signal(t);
    t->missed = 0;
    t->overrun = 0;
    if (t->on_cpu)
        return cpu_timer_set(&t->cpu, absolute, setting);
    (void)interval_clock(t->clock, &clock); // was checked
    return interval_set(&t->interval, clock, absolute, setting);
}

int posix_timer_set(int id, bool absolute, const struct interval_setting *setting, struct interval_setting *ret_old)
{
    timers_lock();
    struct posix_timer *t = *find(id);
    if (t)
        get_locked(t, ret_old);
    int r = t ? set_locked(t, absolute, setting) : -EINVAL;
    timers_unlock();
    return r;
}

int posix_timer_get(int id, struct interval_setting *ret_setting)
{
    timers_lock();
    struct posix_timer *t = *find(id);
    if (t)
        get_locked(t, ret_setting);
    timers_unlock();
    return t ? 0 : -EINVAL;
}

int posix_timer_overrun(int id)
{
    timers_lock();
    const struct posix_timer *t = *find(id);
    int r = t ? t->overrun : -EINVAL;
    timers_unlock();
    return r;
}

static void posix_taken(struct posix_timer *t, struct siginfo *info)
{
    uint64_t missed = t->missed, periods = interval_resume(&t->interval);
    if (periods)
        missed += periods - 1;
    t->queued = false;
    t->missed = 0;
    t->overrun = missed < DELAYTIMER_MAX ? (int)missed : (int)DELAYTIMER_MAX;
    info->si_overrun = t->overrun;
}

void process_timers_signal_taken(struct siginfo *info)
{
    struct process *p = current_process();
    bool posix = info->si_code == SI_TIMER, real = info->si_signo == SIGALRM;
    if (!__atomic_load_n(&p->timers, __ATOMIC_RELAXED) || (!posix && !real))
        return;
    timers_lock();
    struct posix_timer *t = posix ? *find(info->si_tid) : NULL;
    if (t && t->queued)
        posix_taken(t, info);
    if (real && p->timers)
        (void)interval_resume(&p->timers->real.interval);
    timers_unlock();
}

static void free_posix_locked(struct process_timers *all)
{
    for (struct posix_timer *t = all->posix, *next; t; t = next) {
        next = t->next;
        stop(t);
        kfree(t);
    }
    all->posix = NULL;
    all->posix_count = 0;
}

void process_timers_exec(struct process *p)
{
    timers_lock();
    if (p->timers)
        free_posix_locked(p->timers);
    timers_unlock();
}

void process_timers_free(struct process *p)
{
    timers_lock();
    struct process_timers *all = p->timers;
    p->timers = NULL;
    if (all) {
        timer_disarm(&all->real.interval.timer);
        for (unsigned i = 0; i < 2; i++)
            timer_disarm(&all->cpu[i].cpu.timer);
        timer_disarm(&all->limit.cpu.timer);
        free_posix_locked(all);
    }
    timers_unlock();
    kfree(all);
}
