// SPDX-License-Identifier: MIT
//
// Other content for pages that cannot be written: the host writes it whatever the access is (lib/place), or they are opened, written and
// closed. Opening costs less than half of it where the processor walks page tables by itself; on a virtual machine whose page tables are
// copied by software it costs more than ten times as much (37 us for a page against 2 us). So the first long runs are done in both ways.
#include <linux/mman.h>

#include "abi/hostcall.h"
#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"

enum { TRIALS = 4, TRIAL_PAGES = 16, FEW_PAGES = 6 }; // few: two changes of access cost more anyway

typedef int replace_function(uintptr_t address, size_t count, int prot, const uint8_t *const contents[]);

static int write_closed(uintptr_t address, size_t count, int prot, const uint8_t *const contents[])
{
    int r = 0;
    for (size_t i = 0, n; !r && i < count; i += n) {
        for (n = 1; i + n < count && contents[i + n] == contents[i] + n * PAGE_SIZE;)
            n++;
        const uint64_t arg[6] = {address + i * PAGE_SIZE, n * PAGE_SIZE, (uint64_t)prot, (uint64_t)contents[i]};
        r = (int)target_host_call(HOST_CALL_MEMORY_REPLACE, 0, arg);
    }
    return r;
}

static int write_opened(uintptr_t address, size_t count, int prot, const uint8_t *const contents[])
{
    const int open = prot | PROT_READ | PROT_WRITE;
    int r = open == prot ? 0 : target_memory_open(address, count * PAGE_SIZE, prot, open);
    for (size_t i = 0; !r && i < count; i++)
        memcpy((void *)(address + i * PAGE_SIZE), contents[i], PAGE_SIZE);
    return r || open == prot ? r : target_memory_protect(address, count * PAGE_SIZE, open, prot);
}

static struct way {
    replace_function *replace;
    uint64_t least; // ticks of the time stamp counter for a page, at best
} ways[] = {{write_closed, UINT64_MAX}, {write_opened, UINT64_MAX}};
static unsigned trials;

static int try_way(struct way *w, uintptr_t address, size_t count, int prot, const uint8_t *const contents[])
{
    uint64_t start = __builtin_ia32_rdtsc();
    int r = w->replace(address, count, prot, contents);
    uint64_t ticks = (__builtin_ia32_rdtsc() - start) / count;
    if (ticks < __atomic_load_n(&w->least, __ATOMIC_RELAXED)) // threads may try at once: it is a hint
        __atomic_store_n(&w->least, ticks, __ATOMIC_RELAXED);
    return r;
}

int target_memory_replace(uintptr_t address, size_t count, int prot, const uint8_t *const contents[])
{
    if (count >= TRIAL_PAGES && __atomic_load_n(&trials, __ATOMIC_RELAXED) < TRIALS) {
        __atomic_add_fetch(&trials, 1, __ATOMIC_RELAXED);
        int r = try_way(&ways[0], address, count, prot, contents);
        return r ? r : try_way(&ways[1], address, count, prot, contents);
    }
    const uint64_t closed = __atomic_load_n(&ways[0].least, __ATOMIC_RELAXED), opened = __atomic_load_n(&ways[1].least, __ATOMIC_RELAXED);
    return ways[count > FEW_PAGES && opened < closed].replace(address, count, prot, contents);
}
