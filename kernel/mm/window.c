// SPDX-License-Identifier: MIT
#include "kernel/mm/window.h"

#include <stddef.h>

#include "abi/layout.h"
#include "kernel/exec/vdso.h"
#include "kernel/lib/check.h"
#include "kernel/mm/exchange.h"
#include "kernel/mm/shared.h"
#include "kernel/mm/space.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

enum { SMALL_WINDOWS = 22, WINDOWS = 1 + SMALL_WINDOWS };
#define SMALL_SIZE 0x200000000ul // 8 GiB
#define SMALL_BASE (SHARED_BASE - SMALL_WINDOWS * SMALL_SIZE)
#define SLICE_NS 5000000ul

static struct window windows[WINDOWS];
static struct spin choice_lock; // guards `taken`
static uint32_t taken[WINDOWS]; // members, or about to be

static void give_range(unsigned i)
{
    windows[i].low = i ? SMALL_BASE + (i - 1) * SMALL_SIZE : USER_BASE;
    windows[i].high = i ? windows[i].low + SMALL_SIZE : SMALL_BASE;
}

struct window *window_choose(bool large)
{
    unsigned chosen = WINDOWS;
    spin_lock(&choice_lock);
    if (large || !taken[0])
        chosen = 0;
    for (unsigned i = 1; chosen == WINDOWS && i < WINDOWS; i++)
        if (!taken[i])
            chosen = i;
    if (chosen < WINDOWS)
        taken[chosen]++;
    spin_unlock(&choice_lock);
    if (chosen == WINDOWS)
        return NULL;
    give_range(chosen);
    return &windows[chosen];
}

bool window_is_large(const struct window *w)
{
    return w == &windows[0];
}

void window_join(struct window *w, struct mm *mm)
{
    spin_lock(&w->lock);
    mm->window = w;
    mm->next_member = w->members;
    w->members = mm;
    spin_unlock(&w->lock);
}

void window_join_beside(struct mm *mm, struct mm *child)
{
    struct window *w = mm->window;
    spin_lock(&choice_lock);
    taken[w - windows]++;
    spin_unlock(&choice_lock);
    window_join(w, child);
}

static void unlink_locked(struct window *w, struct mm *mm)
{
    for (struct mm **link = &w->members; *link; link = &(*link)->next_member)
        if (*link == mm) {
            *link = mm->next_member;
            break;
        }
}

// The member that is put in place when mm goes: any; whoever wants another then exchanges again.
static struct mm *successor(const struct window *w, const struct mm *mm)
{
    struct mm *m = w->members;
    while (m && m == mm)
        m = m->next_member;
    return m;
}

// 1: entered; 0: wait.
static int try_enter(struct window *w, struct mm *mm)
{
    spin_lock(&w->lock);
    bool keep = w->in_place == mm && !w->exchanging && !(w->asked && w->waiting);
    bool take = !keep && !w->active && !w->exchanging && w->in_place != mm;
    bool retake = !keep && !take && !w->active && !w->exchanging && !w->waiting;
    struct mm *old = w->in_place;
    if (keep || retake)
        w->active++;
    if (take)
        w->exchanging = true;
    spin_unlock(&w->lock);
    if (!take)
        return keep || retake;
    exchange(old, mm);
    vdso_refresh_space(mm); // it missed what happened meanwhile
    spin_lock(&w->lock);
    w->in_place = mm;
    w->active = 1;
    w->exchanging = w->asked = false;
    spin_unlock(&w->lock);
    (void)waitq_wake(&w->turn, UINT32_MAX); // threads of the same space; others go on waiting
    return 1;
}

static void ask_to_leave(struct window *w)
{
    spin_lock(&w->lock);
    struct mm *mm = w->active ? w->in_place : NULL;
    w->asked = true;
    spin_unlock(&w->lock);
    if (mm)
        processes_kick(mm);
}

static void wait_for_turn(struct window *w, struct mm *mm)
{
    struct waiter waiter = {0};
    bool counted;
    spin_lock(&w->lock);
    counted = w->in_place != mm;
    w->waiting += counted;
    spin_unlock(&w->lock);
    waitq_add(&w->turn, &waiter);
    spin_lock(&w->lock);
    bool ready = !w->exchanging && (w->in_place == mm ? !(w->asked && w->waiting) : !w->active);
    spin_unlock(&w->lock);
    if (!ready && waiter_sleep_turn(&waiter, clock_monotonic_ns() + SLICE_NS) && counted)
        ask_to_leave(w);
    waitq_remove(&waiter);
    spin_lock(&w->lock);
    w->waiting -= counted;
    spin_unlock(&w->lock);
}

// Nobody runs in the window while a space goes: threads of a related one would see mappings change under them.
static bool try_close(struct window *w)
{
    spin_lock(&w->lock);
    bool closed = !w->active && !w->exchanging;
    if (closed)
        w->exchanging = true;
    spin_unlock(&w->lock);
    return closed;
}

void window_part(struct window *w, struct mm *mm)
{
    while (!try_close(w))
        wait_for_turn(w, mm);
    bool in_place = w->in_place == mm;
    struct mm *next = in_place ? successor(w, mm) : NULL;
    exchange_out(mm, next, in_place);
    spin_lock(&w->lock);
    unlink_locked(w, mm);
    if (in_place)
        w->in_place = next;
    w->exchanging = false;
    spin_unlock(&w->lock);
    spin_lock(&choice_lock);
    taken[w - windows]--;
    spin_unlock(&choice_lock);
    (void)waitq_wake(&w->turn, UINT32_MAX);
}

void turn_enter(struct mm *mm)
{
    struct thread *t = current_thread();
    t->aside = true;
    while (!try_enter(mm->window, mm))
        wait_for_turn(mm->window, mm);
    t->aside = false;
}

void turn_leave(struct mm *mm)
{
    struct window *w = mm->window;
    struct thread *t = current_thread();
    t->aside = mm == t->process->mm; // else it is in another one already
    spin_lock(&w->lock);
    ASSERT(w->in_place == mm && w->active);
    bool last = !--w->active;
    bool wake = last && w->turn.first;
    spin_unlock(&w->lock);
    if (wake)
        (void)waitq_wake(&w->turn, UINT32_MAX);
}

void turn_yield(struct mm *mm)
{
    const struct window *w = mm->window;
    if (!__atomic_load_n(&w->asked, __ATOMIC_RELAXED) || !__atomic_load_n(&w->waiting, __ATOMIC_RELAXED))
        return;
    turn_leave(mm);
    turn_enter(mm);
}

static void exchange_saved(struct mm *a, struct mm *b)
{
    struct saved_pages s = a->saved;
    a->saved = b->saved;
    b->saved = s;
}

bool turn_hand_over(struct mm *mm, struct mm *child)
{
    struct window *w = mm->window;
    spin_lock(&w->lock);
    bool alone = w->in_place == mm && w->active == 1 && !w->exchanging;
    if (alone) {
        exchange_saved(mm, child);
        w->in_place = child;
    }
    spin_unlock(&w->lock);
    current_thread()->aside |= alone;
    return alone;
}

void turn_take_back(struct mm *mm, struct mm *child)
{
    struct window *w = mm->window;
    spin_lock(&w->lock);
    exchange_saved(mm, child);
    w->in_place = mm;
    spin_unlock(&w->lock);
    current_thread()->aside = false;
}

bool turn_wanted(const struct mm *mm)
{
    return __atomic_load_n(&mm->window->waiting, __ATOMIC_RELAXED);
}

// Those who sleep wait for the end of what looks like an exchange before they come back.
bool turn_alone_begin(struct mm *mm)
{
    struct window *w = mm->window;
    spin_lock(&w->lock);
    bool alone = w->in_place == mm && w->active == 1 && !w->exchanging;
    if (alone)
        w->exchanging = true;
    spin_unlock(&w->lock);
    return alone;
}

void turn_alone_end(struct mm *mm)
{
    struct window *w = mm->window;
    spin_lock(&w->lock);
    w->exchanging = false;
    spin_unlock(&w->lock);
    (void)waitq_wake(&w->turn, UINT32_MAX);
}
