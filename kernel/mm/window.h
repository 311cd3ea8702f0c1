// SPDX-License-Identifier: MIT
//
// Windows of the program range, and whose turn it is in each. An enclave has no page tables to switch: address spaces in
// different windows run side by side; those of one window (a process and what it forked) take turns. The one whose turn it is has
// its pages in place, the private pages of the others are set aside.
//
// Rules. A thread is active while it may touch its address space: in the program, and in the kernel except while it sleeps on a
// wait queue. It enters before it runs on, and leaves before it sleeps; it holds no mutex then, so whoever holds a mutex is
// active, and a turn never waits for a lock. When the last active thread has left, a waiting space exchanges itself in. A space
// that waits longer than a slice asks the active threads to leave at their next return to the program. After fork the child is in
// place first, if its parent had one active thread: it often ends or execs soon, and then the parent's pages are copied twice only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sync/sync.h"

struct file;
struct mm;
struct remains;

enum { DORMANT = 4, EXCHANGE_PAGES = 128 };

struct window {
    uint64_t low, high;
    struct spin lock;
    /* guarded by lock: */
    struct mm *members; // linked by mm->next_member
    struct mm *in_place;
    uint32_t active;  // threads of in_place
    uint32_t waiting; // threads of others
    uint32_t held;    // threads of in_place that wait for the end of an exchange, or of what looks like one
    bool exchanging;
    bool asked;       // the active threads were asked to leave
    uint64_t slice_ns;   // how long a turn lasts while others wait: longer where it costs more to come into place
    uint64_t keep_until; // the end of the slice of in_place
    struct waitq turn;
    uint32_t spares;         // pages of spare.h; guarded as those are
    struct mm *hider;        // whose pages are hidden (hidden.h), or NULL; likewise
    uint32_t hidden;         // how many
    struct remains *dormant[DORMANT]; // of programs that shared the window; the turn guards them
    unsigned next_dormant;
    uint8_t *staging; // content on its way; likewise
    struct remains *remains; // the chooser's without members, else its first space's (remains.h)
};

// A window for a new address space of this program: one without members, if possible one where the same program has left something;
// the first space has the large one. fixed_end: where a position-dependent program ends, which wants its addresses (0: it does
// not): the part of the large window below LOW_END becomes a window of its own for it, if the large one's spaces have nothing
// there; else it shares the large one. NULL: all have members.
struct window *window_choose(uint64_t fixed_end, struct file *program);
void window_unchoose(struct window *w);
// What this program left when it shared the window (remains_return), or NULL. The current thread is active there.
struct remains *window_take_dormant(struct window *w, struct file *program);
// Room for EXCHANGE_PAGES, or NULL: for content that is put together before it goes into place. The current thread is active there, or
// exchanges.
uint8_t *window_staging(struct window *w);
// Gives back what ended programs have left, as memory is short. False: there was nothing.
bool windows_reclaim(void);
bool window_is_large(const struct window *w);
bool window_has_one(struct window *w); // space
// Joins and leaves. A space that leaves while in place hands over to another member, if there is one.
void window_join(struct window *w, struct mm *mm);
void window_join_beside(struct mm *mm, struct mm *child); // the window of mm
void window_part(struct window *w, struct mm *mm);

// Are its pages in place? As of now: it may change any time unless the current thread is active in it.
bool mm_is_in_place(const struct mm *mm);
// The current thread may touch mm from here on; waits for its turn.
void turn_enter(struct mm *mm);
// It no longer may.
void turn_leave(struct mm *mm);
// Nor will anybody else: the space parts from its window next, and nobody comes into place in between, for whom its pages would be
// set aside first.
void turn_leave_and_part(struct mm *mm);
// On the way back to the program: steps back when others were kept waiting for a slice.
void turn_yield(struct mm *mm);
// Lets those who wait for their turn have it before the current thread goes on, its slice used up or not. False: nobody waits.
bool turn_step_back(struct mm *mm);
// The turn of the current thread goes to the first thread of a space just forked from its own, which is set aside by what was
// copied for the child: nothing is copied again. The thread has been alone (turn_alone_begin) since before it copied, or what others
// wrote since would be lost; it is not any more, and waits for its turn (turn_get_back).
void turn_hand_over(struct mm *mm, struct mm *child);
void turn_get_back(struct mm *mm);
// The child was not started after all.
void turn_take_back(struct mm *mm, struct mm *child);
// Others wait for this space, which is in place, to leave. A hint.
bool turn_wanted(const struct mm *mm);
// Nobody else runs in the current thread's space, nor begins to until turn_alone_end. False: somebody does.
bool turn_alone_begin(struct mm *mm);
void turn_alone_end(struct mm *mm);
