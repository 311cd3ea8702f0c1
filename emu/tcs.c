// SPDX-License-Identifier: MIT
//
// The TCS pages of an enclave. Slots are only ever filled, or emptied to a tombstone (never to NULL), so that look-ups need no lock.
// Removing one uses no thread-local storage: an exit handler may do it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "emu/state.h"

static atomic_flag busy = ATOMIC_FLAG_INIT;
static struct emu_tcs removed;
static struct emu_tcs *spare; // removed, to be used again

static void lock(void)
{
    while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire))
        (void)emu_raw(SYS_sched_yield, 0, 0, 0, 0);
}

static void unlock(void)
{
    atomic_flag_clear_explicit(&busy, memory_order_release);
}

static struct emu_tcs *allocate(void)
{
    lock();
    struct emu_tcs *tcs = spare;
    if (tcs)
        spare = tcs->next_spare;
    unlock();
    return tcs ? tcs : malloc(sizeof(*tcs));
}

static void release(struct emu_tcs *tcs)
{
    lock();
    tcs->next_spare = spare;
    spare = tcs;
    unlock();
}

static size_t slot_of(uint64_t address)
{
    return (size_t)((address / SGX_PAGE_SIZE) * 0x9e3779b97f4a7c15ul >> 50) % EMU_TCS_SLOTS;
}

static void put(struct emu_tcs *_Atomic *table, uint64_t key, struct emu_tcs *tcs)
{
    size_t i = slot_of(key);
    while (table[i] && table[i] != &removed)
        i = (i + 1) % EMU_TCS_SLOTS;
    atomic_store(&table[i], tcs);
}

static uint64_t gs_of(const struct emu_enclave *e, const struct emu_tcs *tcs)
{
    return e->secs.base + tcs->page.ogsbase;
}

int emu_tcs_add(struct emu_enclave *e, uint64_t address, const void *page)
{
    struct emu_tcs *tcs = allocate();
    if (!tcs)
        return -ENOMEM;
    *tcs = (struct emu_tcs){.address = address};
    memcpy(&tcs->page, page, sizeof(tcs->page));
    lock();
    int r = e->tcs_used < EMU_TCS_SLOTS / 2 ? 0 : -ENOMEM;
    if (!r) {
        e->tcs_used++;
        put(e->tcs, address, tcs);
        put(e->tcs_of_gs, gs_of(e, tcs), tcs);
    }
    unlock();
    if (r)
        release(tcs);
    return r;
}

struct emu_tcs *emu_tcs_find(const struct emu_enclave *e, uint64_t address)
{
    for (size_t i = slot_of(address); e->tcs[i]; i = (i + 1) % EMU_TCS_SLOTS)
        if (e->tcs[i] != &removed && e->tcs[i]->address == address)
            return e->tcs[i];
    return NULL;
}

struct emu_tcs *emu_tcs_find_gs(const struct emu_enclave *e, uint64_t gs_base)
{
    for (size_t i = slot_of(gs_base); e->tcs_of_gs[i]; i = (i + 1) % EMU_TCS_SLOTS)
        if (e->tcs_of_gs[i] != &removed && gs_of(e, e->tcs_of_gs[i]) == gs_base)
            return e->tcs_of_gs[i];
    return NULL;
}

void emu_tcs_remove(struct emu_enclave *e, uint64_t address)
{
    struct emu_tcs *tcs = emu_tcs_find(e, address);
    lock();
    for (size_t i = 0; tcs && i < EMU_TCS_SLOTS; i++) {
        if (e->tcs[i] == tcs)
            atomic_store(&e->tcs[i], &removed);
        if (e->tcs_of_gs[i] == tcs)
            atomic_store(&e->tcs_of_gs[i], &removed);
    }
    unlock();
    if (tcs)
        release(tcs);
}

void emu_tcs_free_all(struct emu_enclave *e)
{
    for (size_t i = 0; i < EMU_TCS_SLOTS; i++)
        if (e->tcs[i] != &removed)
            free(e->tcs[i]);
}
