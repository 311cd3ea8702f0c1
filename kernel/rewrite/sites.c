// SPDX-License-Identifier: MIT
#include "kernel/rewrite/sites.h"

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/stubs.h"
#include "kernel/sync/sync.h"

enum { SEEN = 128 };

struct sites {
    struct mutex lock;
    struct site *sites; // in the order of rewriting: looked through on rare ways only
    size_t count, room;
    uint64_t seen[SEEN];
};

struct sites *sites_new(void)
{
    return kzalloc(sizeof(struct sites));
}

void sites_free(struct sites *s)
{
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
    size_t room = s->room ? 2 * s->room : 32;
    struct site *grown = krealloc(s->sites, room * sizeof(*grown));
    if (!grown)
        return false;
    s->sites = grown;
    s->room = room;
    return true;
}

bool sites_add(struct sites *s, const struct site *site)
{
    mutex_lock(&s->lock);
    bool good = !overlaps(s, site->address) && make_room(s);
    if (good)
        s->sites[s->count++] = *site;
    mutex_unlock(&s->lock);
    return good;
}

void sites_update(struct sites *s, const struct site *site)
{
    mutex_lock(&s->lock);
    for (size_t i = s->count; i > 0; i--)
        if (s->sites[i - 1].address == site->address) {
            s->sites[i - 1] = *site;
            break;
        }
    mutex_unlock(&s->lock);
}

bool sites_find(struct sites *s, uint64_t address, bool stub, struct site *ret)
{
    bool found = false;
    mutex_lock(&s->lock);
    for (size_t i = s->count; i > 0 && !found; i--) { // newest first: code may have been mapped anew
        const struct site *site = &s->sites[i - 1];
        uint64_t start = stub ? site->stub : site->address + SITE_SYSCALL;
        uint64_t size = stub ? STUB_SIZE : SITE_DISPLACED;
        found = address >= start && address < start + size;
        if (found)
            *ret = *site;
    }
    mutex_unlock(&s->lock);
    return found;
}
