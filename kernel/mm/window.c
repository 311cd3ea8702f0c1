// SPDX-License-Identifier: MIT
#include "kernel/mm/window.h"

#include <stddef.h>

#include "abi/layout.h"
#include "kernel/exec/vdso.h"
#include "kernel/lib/check.h"
#include "kernel/mm/exchange.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/remains.h"
#include "kernel/mm/space.h"
#include "kernel/mm/spare.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

enum { LARGE, LOW, SMALL, SMALL_WINDOWS = 22, WINDOWS = SMALL + SMALL_WINDOWS };
#define SMALL_SIZE 0x200000000ul // 8 GiB
#define SMALL_BASE (USER_END - SMALL_WINDOWS * SMALL_SIZE)
#define LOW_END SMALL_SIZE
#define SLICE_LEAST_NS 5000000ul
#define SLICE_MOST_NS 200000000ul
#define SLICE_COSTS 4u    // a turn lasts so many times what it costs to come into place
#define PATIENCE_SLICES 4u // and nobody waits longer for a turn than so many, however many others come in between

static struct window windows[WINDOWS] = {[LARGE] = {.low = USER_BASE, .high = SMALL_BASE}};
static struct spin choice_lock; // guards `taken`, and whether LOW is there
static uint32_t taken[WINDOWS]; // members, or about to be

static void give_range(unsigned i)
{
    if (i < SMALL)
        return;
    windows[i].low = SMALL_BASE + (i - SMALL) * SMALL_SIZE;
    windows[i].high = windows[i].low + SMALL_SIZE;
}

// The current space is in place in the large window: nobody maps anything in the others meanwhile. Its lock is held.
static bool separate_low_locked(struct window *large)
{
    bool used = false;
    spin_lock(&large->lock);
    for (const struct mm *m = large->members; m; m = m->next_member) {
        const struct vma *v = vma_find(&m->set, USER_BASE);
        used |= v && v->start < LOW_END;
    }
    for (struct mm *m = used ? NULL : large->members; m; m = m->next_member)
        m->low = LOW_END;
    spin_unlock(&large->lock);
    if (used)
        return false;
    large->low = LOW_END;
    windows[LOW].low = USER_BASE;
    windows[LOW].high = LOW_END;
    return true;
}

static bool low_is_separate(void)
{
    struct window *large = &windows[LARGE];
    struct mm *now = mm_current();
    if (windows[LOW].high)
        return true;
    if (!now || now->window != large || current_thread()->aside)
        return false;
    mutex_lock(&now->lock);
    bool separate = windows[LOW].high || separate_low_locked(large);
    mutex_unlock(&now->lock);
    return separate;
}

// Once LOW is separate the large window has no such addresses any more, whether it has members or not.
static unsigned choose_fixed(uint64_t end)
{
    bool separate = windows[LOW].high || (taken[LARGE] && end <= LOW_END && low_is_separate());
    return separate && end <= LOW_END ? LOW : LARGE;
}

// The same program's, then one where nothing was left, then any.
static unsigned choose_small_locked(struct file *program)
{
    unsigned empty = WINDOWS, any = WINDOWS;
    for (unsigned i = SMALL; i < WINDOWS; i++) {
        if (taken[i])
            continue;
        if (remains_of(windows[i].remains, program))
            return i;
        any = i;
        if (!windows[i].remains && empty == WINDOWS)
            empty = i;
    }
    return empty < WINDOWS ? empty : any;
}

static void drop_remains(struct window *w)
{
    remains_release(w->remains);
    w->remains = NULL;
}

static void drop_dormant(struct window *w)
{
    for (unsigned i = 0; i < DORMANT; i++) {
        remains_release(w->dormant[i]);
        w->dormant[i] = NULL;
    }
    kpages_free(w->staging, EXCHANGE_PAGES);
    w->staging = NULL;
}

struct remains *window_take_dormant(struct window *w, struct file *program)
{
    for (unsigned i = 0; i < DORMANT; i++) {
        struct remains *r = w->dormant[i];
        if (!remains_of(r, program))
            continue;
        w->dormant[i] = NULL;
        return r;
    }
    return NULL;
}

uint8_t *window_staging(struct window *w)
{
    if (!w->staging)
        w->staging = kpages_alloc_dirty(EXCHANGE_PAGES);
    return w->staging;
}

static void keep_dormant(struct window *w, struct remains *r)
{
    unsigned i = w->next_dormant++ % DORMANT;
    for (unsigned n = 0; n < DORMANT && w->dormant[i]; n++)
        i = (i + 1) % DORMANT;
    remains_release(w->dormant[i]);
    w->dormant[i] = r;
}

// Another program, alone or with its forks, comes into place after mm, which has none itself.
static bool makes_way(const struct window *w, const struct mm *mm, const struct mm *next)
{
    for (const struct mm *m = w->members; m; m = m->next_member)
        if (m != mm && m->rewritten == mm->rewritten)
            return false;
    return next;
}

struct window *window_choose(uint64_t fixed_end, struct file *program)
{
    unsigned chosen = fixed_end ? choose_fixed(fixed_end) : LARGE;
    spin_lock(&choice_lock);
    if (!fixed_end && taken[LARGE])
        chosen = choose_small_locked(program);
    bool first = chosen < WINDOWS && !taken[chosen]++;
    spin_unlock(&choice_lock);
    if (chosen == WINDOWS)
        return NULL;
    give_range(chosen);
    if (first && !remains_of(windows[chosen].remains, program)) {
        drop_remains(&windows[chosen]);
        spare_release(&windows[chosen]);
    }
    return &windows[chosen];
}

void window_unchoose(struct window *w)
{
    spin_lock(&choice_lock);
    taken[w - windows]--;
    spin_unlock(&choice_lock);
}

bool windows_reclaim(void)
{
    bool any = false;
    for (unsigned i = 0; i < WINDOWS; i++) {
        spin_lock(&choice_lock);
        bool ours = !taken[i] && (windows[i].remains || windows[i].spares);
        taken[i] += ours;
        spin_unlock(&choice_lock);
        if (!ours)
            continue;
        drop_remains(&windows[i]);
        spare_release(&windows[i]);
        window_unchoose(&windows[i]);
        any = true;
    }
    return any;
}

bool window_is_large(const struct window *w)
{
    return w == &windows[LARGE];
}

bool window_has_one(struct window *w)
{
    spin_lock(&w->lock);
    bool one = w->members && !w->members->next_member;
    spin_unlock(&w->lock);
    return one;
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

static void tell_lost(struct mm *mm)
{
    if (mm && __atomic_load_n(&mm->lost, __ATOMIC_ACQUIRE) && !__atomic_exchange_n(&mm->told, true, __ATOMIC_RELAXED))
        processes_out_of_memory(mm);
}

static uint64_t slice_of(uint64_t cost_ns)
{
    uint64_t slice = SLICE_COSTS * cost_ns;
    return slice < SLICE_LEAST_NS ? SLICE_LEAST_NS : slice > SLICE_MOST_NS ? SLICE_MOST_NS : slice;
}

static void come_into_place(struct window *w, struct mm *old, struct mm *mm)
{
    uint64_t start = clock_monotonic_ns();
    exchange(old, mm);
    vdso_refresh_space(mm); // it missed what happened meanwhile
    uint64_t now = clock_monotonic_ns();
    spin_lock(&w->lock);
    w->slice_ns = slice_of(now - start);
    w->keep_until = now + w->slice_ns;
    w->in_place = mm;
    w->active = 1;
    w->exchanging = w->asked = false;
    spin_unlock(&w->lock);
    (void)waitq_wake(&w->turn, UINT32_MAX); // threads of the same space; others go on waiting
}

// 1: entered; 0: wait.
static int try_enter(struct window *w, struct mm *mm, struct mm **ret_old)
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
    come_into_place(w, old, mm);
    *ret_old = old;
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

// Until when a thread waits that has waited for its turn since `since`. Who is in place keeps its slice, or several spaces that
// are large would do nothing but come and go. But others may come into place in between again and again, and a chain of
// short-lived processes would keep it waiting for ever.
static uint64_t patience_locked(const struct window *w, uint64_t since)
{
    uint64_t slice = w->slice_ns ? w->slice_ns : SLICE_LEAST_NS, until = since + slice;
    uint64_t longest = since + PATIENCE_SLICES * slice;
    until = until < w->keep_until ? w->keep_until : until;
    return until < longest ? until : longest;
}

// *since: from when the turn is awaited; again from the time when the active threads were asked to leave.
static void wait_for_turn(struct window *w, struct mm *mm, uint64_t *since)
{
    struct waiter waiter = {0};
    bool counted;
    spin_lock(&w->lock);
    counted = w->in_place != mm;
    w->waiting += counted;
    w->held += !counted;
    spin_unlock(&w->lock);
    waitq_add(&w->turn, &waiter);
    spin_lock(&w->lock);
    bool ready = !w->exchanging && (w->in_place == mm ? !(w->asked && w->waiting) : !w->active);
    uint64_t until = patience_locked(w, *since);
    spin_unlock(&w->lock);
    if (!ready && waiter_sleep_turn(&waiter, until)) {
        *since = clock_monotonic_ns();
        if (counted)
            ask_to_leave(w);
    }
    waitq_remove(&waiter);
    spin_lock(&w->lock);
    w->waiting -= counted;
    w->held -= !counted;
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
    uint64_t since = clock_monotonic_ns();
    while (!mm->closed && !try_close(w))
        wait_for_turn(w, mm, &since);
    bool in_place = w->in_place == mm, sole = w->members == mm && !mm->next_member;
    struct mm *next = in_place ? successor(w, mm) : NULL;
    if (sole && in_place && !window_is_large(w)) {
        w->remains = remains_keep(mm, w->remains);
        spare_leave(mm);
    } else if (sole) {
        drop_remains(w);
        spare_release(w);
    } else if (makes_way(w, mm, next)) {
        keep_dormant(w, remains_set_aside(mm));
    }
    if (sole)
        drop_dormant(w);
    exchange_out(mm, next, in_place);
    spin_lock(&w->lock);
    unlink_locked(w, mm);
    if (in_place)
        w->in_place = next;
    w->exchanging = false;
    spin_unlock(&w->lock);
    window_unchoose(w);
    (void)waitq_wake(&w->turn, UINT32_MAX);
}

void turn_enter(struct mm *mm)
{
    struct thread *t = current_thread();
    struct mm *old = NULL;
    t->aside = true;
    uint64_t since = 0;
    while (!try_enter(mm->window, mm, &old)) {
        if (!since)
            since = clock_monotonic_ns();
        wait_for_turn(mm->window, mm, &since);
    }
    __atomic_store_n(&t->aside, false, __ATOMIC_SEQ_CST); // a full barrier: membarrier.c
    tell_lost(mm);
    tell_lost(old);
}

static void leave(struct mm *mm, bool close)
{
    struct window *w = mm->window;
    struct thread *t = current_thread();
    t->aside = mm == t->process->mm; // else it is in another one already
    spin_lock(&w->lock);
    ASSERT(w->in_place == mm && w->active);
    bool last = !--w->active;
    mm->closed = close && last && !w->exchanging;
    w->exchanging |= mm->closed;
    bool wake = last && !mm->closed && w->turn.first;
    spin_unlock(&w->lock);
    if (wake)
        (void)waitq_wake(&w->turn, UINT32_MAX);
}

void turn_leave(struct mm *mm)
{
    leave(mm, /* close= */ false);
}

void turn_leave_and_part(struct mm *mm)
{
    leave(mm, /* close= */ true);
}

void turn_yield(struct mm *mm)
{
    const struct window *w = mm->window;
    if (!__atomic_load_n(&w->asked, __ATOMIC_RELAXED) || !__atomic_load_n(&w->waiting, __ATOMIC_RELAXED))
        return;
    turn_leave(mm);
    turn_enter(mm);
}

bool turn_step_back(struct mm *mm)
{
    struct window *w = mm->window;
    spin_lock(&w->lock);
    bool wanted = w->waiting;
    w->asked |= wanted;
    spin_unlock(&w->lock);
    if (!wanted)
        return false;
    turn_leave(mm);
    turn_enter(mm);
    return true;
}

static void exchange_saved(struct mm *a, struct mm *b)
{
    struct saved_pages s = a->saved;
    a->saved = b->saved;
    b->saved = s;
}

void turn_hand_over(struct mm *mm, struct mm *child)
{
    struct window *w = mm->window;
    spin_lock(&w->lock);
    exchange_saved(mm, child);
    w->in_place = child;
    w->exchanging = false;
    w->waiting++;
    bool wake = w->turn.first;
    spin_unlock(&w->lock);
    current_thread()->aside = true;
    if (wake)
        (void)waitq_wake(&w->turn, UINT32_MAX);
}

void turn_take_back(struct mm *mm, struct mm *child)
{
    struct window *w = mm->window;
    spin_lock(&w->lock);
    exchange_saved(mm, child);
    w->in_place = mm;
    w->waiting--;
    spin_unlock(&w->lock);
    __atomic_store_n(&current_thread()->aside, false, __ATOMIC_SEQ_CST);
}

void turn_get_back(struct mm *mm)
{
    spin_lock(&mm->window->lock);
    mm->window->waiting--; // it is counted again where it waits
    spin_unlock(&mm->window->lock);
    turn_enter(mm);
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
    bool wake = w->held; // others go on waiting for our turn to end
    spin_unlock(&w->lock);
    if (wake)
        (void)waitq_wake(&w->turn, UINT32_MAX);
}

bool mm_is_in_place(const struct mm *mm)
{
    return __atomic_load_n(&mm->window->in_place, __ATOMIC_RELAXED) == mm;
}
