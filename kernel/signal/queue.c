// SPDX-License-Identifier: MIT
//
// Pending signals: sending, taking, masks. Delivery to handlers is deliver.c.
#include <stddef.h>

#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/signal.h>

#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/signal/action.h"
#include "kernel/signal/queue.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/stop.h"
#include "kernel/task/task.h"
#include "kernel/time/process_timers.h"
#include "abi/target.h"

#define UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))
#define STOPS (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))

struct queued_signal {
    struct queued_signal *next;
    struct siginfo info;
};

static uint64_t entries; // atomic: all that are in queues, of all processes

uint64_t signals_queued(void)
{
    return __atomic_load_n(&entries, __ATOMIC_RELAXED);
}

static struct queued_signal *entry_new(const struct siginfo *info)
{
    struct thread *t = current_thread();
    struct queued_signal *s = t ? t->signal_spare : NULL;
    if (s)
        t->signal_spare = NULL;
    else if (!(s = kmalloc(sizeof(*s))))
        return NULL;
    s->info = *info;
    return s;
}

// One is kept for the thread's next signal.
static void entry_free(struct queued_signal *s)
{
    struct thread *t = current_thread();
    if (t && !t->signal_spare)
        t->signal_spare = s;
    else
        kfree(s);
}

// RLIMIT_SIGPENDING bounds what a program can queue. What kill(2) sends always has its place, and so has what timers send.
static bool is_beyond_limit(const struct process *p, const struct siginfo *info)
{
    bool limited = info->si_signo >= SIGRTMIN && info->si_code != SI_USER && info->si_code != SI_TIMER;
    return limited && __atomic_load_n(&entries, __ATOMIC_RELAXED) >= p->rlimits[RLIMIT_SIGPENDING][0];
}

static void put(struct signal_queue *q, struct queued_signal *s)
{
    s->next = NULL;
    if (q->last)
        q->last->next = s;
    else
        q->first = s;
    q->last = s;
    q->set |= SIGNAL_BIT(s->info.si_signo);
    __atomic_add_fetch(&entries, 1, __ATOMIC_RELAXED);
}

// Takes the first entry of this signal out of the list; the bit stays while another one is queued.
static struct queued_signal *take(struct signal_queue *q, int sig)
{
    struct queued_signal *found = NULL, *previous = NULL;
    bool more = false;
    for (struct queued_signal **link = &q->first, *s; (s = *link);) {
        if (s->info.si_signo == sig && !found) {
            found = s;
            *link = s->next;
            continue;
        }
        more |= s->info.si_signo == sig;
        previous = s;
        link = &s->next;
    }
    q->last = previous;
    if (!more)
        q->set &= ~SIGNAL_BIT(sig);
    if (found)
        __atomic_sub_fetch(&entries, 1, __ATOMIC_RELAXED);
    return found;
}

static struct queued_signal *take_first(struct signal_queue *q)
{
    struct queued_signal *s = q->first;
    if (!s)
        return NULL;
    q->first = s->next;
    __atomic_sub_fetch(&entries, 1, __ATOMIC_RELAXED);
    return s;
}

void signal_queue_clear(struct signal_queue *q)
{
    for (struct queued_signal *s; (s = take_first(q));)
        entry_free(s);
    *q = (struct signal_queue){0};
}

bool signal_interrupts(const struct thread *t)
{
    const struct process *p = t->process;
    if (__atomic_load_n(&p->exiting, __ATOMIC_RELAXED))
        return true;
    if (p->execer && p->execer != t)
        return true;
    uint64_t pending = __atomic_load_n(&t->pending.set, __ATOMIC_RELAXED) |
                       __atomic_load_n(&p->shared_pending.set, __ATOMIC_RELAXED);
    return pending & ~t->signal_mask;
}

void thread_kick(struct thread *t)
{
    __atomic_store_n(&t->block->interrupt_pending, 1, __ATOMIC_SEQ_CST);
    if (t == current_thread() || thread_sleep_interrupt(t))
        return;
    target_thread_interrupt((unsigned)t->block->area_index);
}

bool signal_is_plain(int sig)
{
    return sig > 0 && !((STOPS | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGKILL)) & SIGNAL_BIT(sig));
}

// Ignored signals vanish when sent, unless blocked (the action may change before they are unblocked), or awaited by who has them blocked.
static bool vanishes(const struct process *p, const struct thread *t, int sig)
{
    return action_ignores(p->actions, sig) && !(t && ((t->signal_mask | t->blocked_before) & SIGNAL_BIT(sig)));
}

// Queues to q. false: nothing to do (ignored, or a standard signal that is already pending).
static bool enqueue(struct process *p, struct thread *t, struct signal_queue *q, struct queued_signal *s)
{
    int sig = s->info.si_signo;
    if (vanishes(p, t, sig))
        return false;
    if (sig < SIGRTMIN && (q->set & SIGNAL_BIT(sig)) && s->info.si_code != SI_TIMER)
        return false;
    put(q, s);
    return true;
}

// Moves all of this signal to the end of the other list, whose set counts for nothing.
static void move(struct signal_queue *from, struct signal_queue *to, int sig)
{
    while (from->set & SIGNAL_BIT(sig))
        put(to, take(from, sig));
}

static void move_all(struct process *p, struct signal_queue *to, int sig)
{
    move(&p->shared_pending, to, sig);
    for (struct thread *t = p->threads; t; t = t->next)
        move(&t->pending, to, sig);
}

static void forget(struct signal_queue *forgotten)
{
    for (struct queued_signal *s = forgotten->first; s; s = s->next)
        process_timers_signal_taken(&s->info); // the timer goes on
    signal_queue_clear(forgotten);
}

// What sending alone does, whether the signal is blocked, ignored or pending already (man 7 signal): stop signals and SIGCONT take
// each other back, SIGCONT and SIGKILL end a stop. p->lock is held if it is one of these. What is taken back is *gone.
static void send_effects(struct process *p, int sig, struct signal_queue *gone)
{
    if (STOPS & SIGNAL_BIT(sig))
        move_all(p, gone, SIGCONT);
    for (uint64_t set = sig == SIGCONT ? STOPS : 0; set; set &= set - 1)
        move_all(p, gone, __builtin_ctzl(set) + 1);
    if (sig == SIGCONT)
        stop_continue_locked(p);
    else if (sig == SIGKILL)
        stop_cancel_locked(p);
}

// After the lock. taker: who does not block it, or NULL. Value as send_thread's.
static int send_finish(struct process *p, int sig, bool queued, struct thread *taker, struct signal_queue *gone)
{
    forget(gone);
    if (sig == SIGCONT || sig == SIGKILL)
        stop_wake(p);
    if (queued && taker)
        thread_kick(taker);
    if (queued)
        (void)waitq_wake(&p->signal_wait, UINT32_MAX);
    return queued;
}

// 1: queued, 0: vanished, -EAGAIN.
static int send_thread(struct thread *t, const struct siginfo *info)
{
    struct process *p = t->process;
    struct queued_signal *s = is_beyond_limit(p, info) ? NULL : entry_new(info);
    if (!s)
        return -EAGAIN;
    struct signal_queue gone = {0};
    spin_lock(&p->signal_lock);
    send_effects(p, info->si_signo, &gone);
    bool queued = enqueue(p, t, &t->pending, s);
    struct thread *taker = t->signal_mask & SIGNAL_BIT(info->si_signo) ? NULL : t;
    spin_unlock(&p->signal_lock);
    if (!queued)
        entry_free(s);
    return send_finish(p, info->si_signo, queued, taker, &gone);
}

int signal_send_thread(struct thread *t, const struct siginfo *info)
{
    int r = send_thread(t, info);
    return r < 0 ? r : 0;
}

static uint64_t pending_hint(const struct thread *t)
{
    return __atomic_load_n(&t->pending.set, __ATOMIC_RELAXED) | __atomic_load_n(&t->process->shared_pending.set, __ATOMIC_RELAXED);
}

int signal_raise(const struct siginfo *info)
{
    struct thread *t = current_thread();
    const bool blocked = t->signal_mask & SIGNAL_BIT(info->si_signo), others = pending_hint(t) & ~t->signal_mask;
    if (blocked || others || t->taken || is_beyond_limit(t->process, info))
        return signal_send_thread(t, info);
    if (action_ignores(t->process->actions, info->si_signo))
        return 0;
    t->taken = entry_new(info);
    if (!t->taken)
        return -EAGAIN;
    __atomic_store_n(&t->block->interrupt_pending, 1, __ATOMIC_RELAXED); // tested by this thread itself
    return 0;
}

// The current thread if it may take it (no interrupt needed), else the first that may.
static struct thread *choose(struct process *p, uint64_t bit)
{
    struct thread *self = current_thread();
    if (self->process == p && !(self->signal_mask & bit))
        return self;
    struct thread *t = p->threads;
    while (t && (t->signal_mask & bit))
        t = t->next;
    return t;
}

static int send_process(struct process *p, const struct siginfo *info)
{
    struct queued_signal *s = is_beyond_limit(p, info) ? NULL : entry_new(info);
    if (!s)
        return -EAGAIN;
    struct signal_queue gone = {0};
    spin_lock(&p->signal_lock);
    send_effects(p, info->si_signo, &gone);
    struct thread *t = choose(p, SIGNAL_BIT(info->si_signo));
    bool queued = enqueue(p, t ? t : p->threads, &p->shared_pending, s);
    spin_unlock(&p->signal_lock);
    if (!queued)
        entry_free(s);
    return send_finish(p, info->si_signo, queued, t, &gone);
}

int signal_send_process(struct process *p, const struct siginfo *info)
{
    int r = send_process(p, info);
    return r < 0 ? r : 0;
}

bool signal_send_timer(struct process *p, struct thread *t, const struct siginfo *info)
{
    return (t ? send_thread(t, info) : send_process(p, info)) > 0;
}

void signal_send_self(int sig)
{
    struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};
    (void)signal_send_thread(current_thread(), &info); // out of memory: the error of the call itself must do
}

void signal_pass_on_locked(struct process *p, uint64_t set)
{
    uint64_t left = p->shared_pending.set & set;
    for (struct thread *t = p->threads; t && left; t = t->next) {
        if (left & ~t->signal_mask)
            thread_kick(t);
        left &= t->signal_mask;
    }
}

void signal_pass_on(void)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    if (!p || !(__atomic_load_n(&p->shared_pending.set, __ATOMIC_RELAXED) & t->signal_mask) || p->thread_count == 1)
        return;
    mutex_lock(&p->lock);
    signal_pass_on_locked(p, t->signal_mask);
    mutex_unlock(&p->lock);
}

// Unblocking and sending exclude each other, so that one of the two sees the other's doing. Blocking need not: who sees the old mask
// interrupts this thread, which then passes on what it does not take (signal_pass_on).
uint64_t signal_mask_set(uint64_t mask)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    const uint64_t old = t->signal_mask;
    mask &= ~UNBLOCKABLE;
    if (!(old & ~mask)) {
        __atomic_store_n(&t->signal_mask, mask, __ATOMIC_RELAXED);
        return old;
    }
    spin_lock(&p->signal_lock);
    t->signal_mask = mask;
    bool deliver = (t->pending.set | p->shared_pending.set) & ~t->signal_mask;
    spin_unlock(&p->signal_lock);
    if (deliver)
        t->block->interrupt_pending = 1;
    return old;
}

// Faults of the instruction stream come first, as on Linux; then the lowest number.
static int first_of(uint64_t set)
{
    const uint64_t synchronous = SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) |
                                 SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS);
    if (set & synchronous)
        set &= synchronous;
    return __builtin_ctzl(set) + 1;
}

static struct queued_signal *take_pending(uint64_t set)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    struct queued_signal *s = NULL;
    // Without the lock: who sends one now interrupts us afterwards.
    if (!(pending_hint(t) & set))
        return NULL;
    spin_lock(&p->signal_lock);
    if (t->pending.set & set)
        s = take(&t->pending, first_of(t->pending.set & set));
    else if (p->shared_pending.set & set)
        s = take(&p->shared_pending, first_of(p->shared_pending.set & set));
    if (s && (STOPS & SIGNAL_BIT(s->info.si_signo)))
        p->stop.taken = true;
    spin_unlock(&p->signal_lock);
    if (s)
        process_timers_signal_taken(&s->info);
    return s;
}

int signal_take(uint64_t set, struct siginfo *ret_info)
{
    struct queued_signal *s = take_pending(set);
    if (!s)
        return 0;
    *ret_info = s->info;
    entry_free(s);
    return ret_info->si_signo;
}

const struct siginfo *signal_take_deliverable(void)
{
    struct thread *t = current_thread();
    if (!t->taken)
        t->taken = take_pending(~t->signal_mask);
    return t->taken ? &t->taken->info : NULL;
}

void signal_delivered(void)
{
    struct thread *t = current_thread();
    struct queued_signal *s = t->taken;
    t->taken = NULL;
    entry_free(s);
}

int signal_take_stop(void)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    uint64_t set = (t->pending.set | p->shared_pending.set) & ~t->signal_mask; // a hint
    if (!(set & STOPS))
        return 0;
    spin_lock(&p->signal_lock);
    struct signal_queue *q = t->pending.set & ~t->signal_mask ? &t->pending : &p->shared_pending;
    set = q->set & ~t->signal_mask;
    int sig = set ? first_of(set) : 0;
    bool stops = sig && (STOPS & ~t->awaited_signals & SIGNAL_BIT(sig)) && action_get(p->actions, sig).sa_handler == SIG_DFL;
    struct queued_signal *s = stops ? take(q, sig) : NULL;
    p->stop.taken |= stops;
    spin_unlock(&p->signal_lock);
    if (!s)
        return 0;
    struct siginfo info = s->info;
    entry_free(s);
    process_timers_signal_taken(&info);
    return sig;
}

void signal_forget(struct process *p, int sig)
{
    struct signal_queue forgotten = {0};
    mutex_lock(&p->lock);
    spin_lock(&p->signal_lock);
    move_all(p, &forgotten, sig);
    spin_unlock(&p->signal_lock);
    mutex_unlock(&p->lock);
    forget(&forgotten);
}

// Takes out what a timer of timer_create(2) sent. What goes is put to *gone.
static void take_of_timer(struct signal_queue *q, int id, struct signal_queue *gone)
{
    struct signal_queue kept = {0};
    for (struct queued_signal *s; (s = take_first(q));)
        put(s->info.si_code == SI_TIMER && s->info.si_tid == id ? gone : &kept, s);
    *q = kept;
}

void signal_forget_timer(struct process *p, int id)
{
    struct signal_queue gone = {0};
    mutex_lock(&p->lock);
    spin_lock(&p->signal_lock);
    take_of_timer(&p->shared_pending, id, &gone);
    for (struct thread *t = p->threads; t; t = t->next)
        take_of_timer(&t->pending, id, &gone);
    spin_unlock(&p->signal_lock);
    mutex_unlock(&p->lock);
    signal_queue_clear(&gone);
}

uint64_t signal_pending_set(void)
{
    struct thread *t = current_thread();
    return t->pending.set | t->process->shared_pending.set;
}

void signal_force(const struct siginfo *info)
{
    struct thread *t = current_thread();
    struct process *p = t->process;
    uint64_t bit = SIGNAL_BIT(info->si_signo);
    spin_lock(&p->signal_lock);
    if ((t->signal_mask & bit) || action_ignores(p->actions, info->si_signo))
        action_set_default(p->actions, info->si_signo);
    t->signal_mask &= ~bit;
    spin_unlock(&p->signal_lock);
    struct queued_signal *s = entry_new(info);
    if (!s)
        kernel_stop("out of memory while reporting signal %d", info->si_signo);
    spin_lock(&p->signal_lock);
    put(&t->pending, s);
    spin_unlock(&p->signal_lock);
    t->block->interrupt_pending = 1;
}
