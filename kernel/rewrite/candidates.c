// SPDX-License-Identifier: MIT
//
// Where two bytes in text are those of CPUID. Most are; some stand in the middle of another instruction.
#include <linux/mman.h>
#include <stddef.h>

#include "abi/layout.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/vma.h"
#include "kernel/rewrite/rewrite.h"
#include "kernel/rewrite/sites.h"

enum { PAGES_MOST = 2048 }; // of large programs, what comes first

struct search {
    struct cpuid_candidates *found;
    unsigned pages;
};

static void search_page(struct cpuid_candidates *found, uint64_t page)
{
    const uint8_t *p = (const uint8_t *)page;
    for (size_t i = 0; i < PAGE_SIZE - 1; i++)
        if (p[i] == 0x0f && p[i + 1] == 0xa2 && found->count < CANDIDATES_MOST)
            found->at[found->count++] = page + i;
}

// What is there; reading does not bring more.
static void search_mapping(const struct vma *v, void *context)
{
    struct search *s = context;
    if (!v->file || vma_shared(v) || v->written || (v->prot & (PROT_READ | PROT_EXEC)) != (PROT_READ | PROT_EXEC))
        return;
    for (uint64_t page = v->start; page < v->end && s->pages < PAGES_MOST; page += PAGE_SIZE) {
        uint8_t state = pages_state(page);
        if (!(state & (PAGE_COMMITTED | PAGE_REMAINS)) || !(state & PROT_READ))
            continue;
        s->pages++;
        search_page(s->found, page);
    }
}

bool rewrite_cpuid_candidates(struct mm *mm, uint64_t ret[CPUID_BREAKS])
{
    struct sites *sites = mm_sites(mm);
    struct cpuid_candidates *c = sites ? sites_candidates(sites) : NULL;
    if (!c)
        return false;
    if (!c->searched)
        mm_for_each_vma(mm, search_mapping, &(struct search){.found = c});
    c->searched = true;
    bool any = c->next < c->count;
    for (unsigned i = 0; i < CPUID_BREAKS; i++)
        ret[i] = c->next < c->count ? c->at[c->next++] : 0;
    return any;
}
