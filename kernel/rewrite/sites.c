// SPDX-License-Identifier: MIT
#include "kernel/rewrite/sites.h"

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/stubs.h"
#include "kernel/sync/sync.h"

enum { OFTEN = 8, SEEN = 128, FIRST_ROOM = 32, GROWTHS = 24 };

// Found without the lock, by each signal: what was published stays where it is until the end.
struct sites {
    struct mutex lock; // of those who change something
    struct site *sites; // in the order of rewriting
    size_t count, room;
    struct site *outgrown[GROWTHS];
    unsigned growths;
    size_t last_found[2]; // atomic; in `sites`
    uint64_t seen[SEEN];
    struct cpuid_candidates candidates;
};

struct sites *sites_new(void)
{
    return kzalloc(sizeof(struct sites));
}

void sites_free(struct sites *s)
{
    for (unsigned i = 0; s && i < s->growths; i++)
        kfree(s->outgrown[i]);
    if (s)
        kfree(s->sites);
    kfree(s);
}

bool sites_seen(struct sites *s, uint64_t address)
{
    uint64_t *slot = &s->seen[(address ^ address >> 7) % SEEN];
    return __atomic_exchange_n(slot, address, __ATOMIC_RELAXED) == address;
}

static bool overlaps(const struct sites *s, uint64_t address)
{
    for (size_t i = 0; i < s->count; i++)
        if (address < s->sites[i].address + SITE_JUMP && s->sites[i].address < address + SITE_JUMP)
            return true;
    return false;
}

bool sites_overlap(struct sites *s, uint64_t address)
{
    mutex_lock(&s->lock);
    bool r = overlaps(s, address);
    mutex_unlock(&s->lock);
    return r;
}

static bool make_room(struct sites *s)
{
    if (s->count < s->room)
        return true;
    size_t room = s->room ? 2 * s->room : FIRST_ROOM;
    struct site *grown = s->growths < GROWTHS ? kmalloc(room * sizeof(*grown)) : NULL;
    if (!grown)
        return false;
    if (s->sites) {
        memcpy(grown, s->sites, s->count * sizeof(*grown));
        s->outgrown[s->growths++] = s->sites;
    }
    __atomic_store_n(&s->sites, grown, __ATOMIC_RELEASE);
    s->room = room;
    return true;
}

bool sites_add(struct sites *s, const struct site *site)
{
    mutex_lock(&s->lock);
    bool good = !overlaps(s, site->address) && make_room(s);
    if (good) {
        s->sites[s->count] = *site;
        __atomic_store_n(&s->count, s->count + 1, __ATOMIC_RELEASE);
    }
    mutex_unlock(&s->lock);
    return good;
}

// The lock is held.
static struct site *site_at(struct sites *s, uint64_t address)
{
    for (size_t i = s->count; i > 0; i--)
        if (s->sites[i - 1].address == address)
            return &s->sites[i - 1];
    return NULL;
}

bool sites_landed(struct sites *s, const struct site *site)
{
    mutex_lock(&s->lock);
    struct site *own = site_at(s, site->address);
    bool often = own && ++own->landings == OFTEN;
    mutex_unlock(&s->lock);
    return often;
}

void sites_update(struct sites *s, const struct site *site)
{
    mutex_lock(&s->lock);
    struct site *own = site_at(s, site->address);
    for (unsigned n = 0; own && n < SITE_DISPLACED; n++)
        __atomic_store_n(&own->landing[n], site->landing[n], __ATOMIC_RELEASE);
    mutex_unlock(&s->lock);
}

static bool holds(const struct site *site, uint64_t address, bool stub)
{
    uint64_t start = stub ? site->stub : site->address + SITE_SYSCALL;
    return address - start < (stub ? STUB_SIZE : SITE_DISPLACED);
}

// No two hold the same address. The one that was asked for last is asked for again by a program that sends itself signals.
const struct site *sites_find(struct sites *s, uint64_t address, bool stub)
{
    size_t count = __atomic_load_n(&s->count, __ATOMIC_ACQUIRE), last = __atomic_load_n(&s->last_found[stub], __ATOMIC_RELAXED);
    const struct site *all = __atomic_load_n(&s->sites, __ATOMIC_ACQUIRE); // has at least as many
    if (last < count && holds(&all[last], address, stub))
        return &all[last];
    for (size_t i = 0; i < count; i++)
        if (holds(&all[i], address, stub)) {
            __atomic_store_n(&s->last_found[stub], i, __ATOMIC_RELAXED);
            return &all[i];
        }
    return NULL;
}

struct cpuid_candidates *sites_candidates(struct sites *s)
{
    return &s->candidates;
}
