// SPDX-License-Identifier: MIT
//
// The kernel's clock: the processor's time stamp counter, set by the host's clock and compared with it now and then.
//
// What a hostile host can try here, and the answer:
// - name a wrong TSC frequency or set the clock as it likes: time is untrusted by contract. Rates outside a sane range are
//   not used.
// - turn the clock back: the monotonic clock never goes back; when the host is behind, ours runs a little slower.
// - answer a clock reading with nonsense (nanoseconds above 10^9, negative seconds): the reading is discarded.
#include "kernel/time/time.h"

#include <stdbool.h>

#include <linux/time.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/exec/vdso.h"
#include "kernel/sync/sync.h"
#include "kernel/time/clock_page.h"
#include "kernel/time/host_clock.h"

#define RESYNC_NS (4 * NS_PER_S)
#define CALIBRATION_NS 5000000ul // an own rate is trusted after this long
#define MIN_KHZ 100000ul
#define MAX_KHZ 20000000ul
#define CPUID_POWER 0x80000007u
#define CPUID_INVARIANT_TSC 0x100u

// On a page of its own: programs see it read only.
static union {
    struct clock_page page;
    uint8_t bytes[PAGE_SIZE];
} shared __attribute__((aligned(PAGE_SIZE)));

static struct mutex sync_lock;
/* guarded by sync_lock: */
static uint64_t first_tsc, first_host_ns; // for calibration without a known frequency
static bool tsc_is_invariant;             // set once at boot
static uint64_t last_without_tsc;         // greatest time given out while there is no usable TSC; atomic

static uint64_t rdtsc(void)
{
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

static uint64_t scale(uint64_t tsc_delta, uint64_t mult)
{
    return (uint64_t)(((unsigned __int128)tsc_delta * mult) >> CLOCK_PAGE_SHIFT);
}

static bool read_page(uint64_t *ret_now, bool *ret_stale)
{
    const struct clock_page *p = &shared.page;
    for (;;) {
        uint32_t seq = __atomic_load_n(&p->seq, __ATOMIC_ACQUIRE);
        struct clock_page copy = *(const volatile struct clock_page *)p;
        uint64_t tsc = copy.mult ? rdtsc() : 0;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if ((seq & 1) || __atomic_load_n(&p->seq, __ATOMIC_RELAXED) != seq)
            continue;
        if (!copy.mult)
            return false;
        uint64_t delta = tsc - copy.tsc_base;
        if ((int64_t)delta < 0) // another processor's counter, a hair behind
            delta = 0;
        *ret_now = copy.mono_base_ns + scale(delta, copy.mult);
        *ret_stale = delta >= copy.tsc_limit;
        return true;
    }
}

static void publish(uint64_t tsc, uint64_t mono, uint64_t mult, uint64_t real_offset)
{
    struct clock_page *p = &shared.page;
    __atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    p->tsc_base = tsc;
    p->mono_base_ns = mono;
    p->mult = mult;
    p->real_offset_ns = real_offset;
    p->tsc_limit = mult ? (RESYNC_NS << CLOCK_PAGE_SHIFT) / mult : 0; // 4 s << 32 fits 64 bits
    __atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELEASE);
}

static uint64_t mult_of_khz(uint64_t khz)
{
    if (khz < MIN_KHZ || khz > MAX_KHZ)
        return 0;
    return (1000000ul << CLOCK_PAGE_SHIFT) / khz;
}

// The rate as seen between the first reading and now; 0 while too little time has passed.
static uint64_t calibrate(uint64_t tsc, uint64_t host)
{
    if (!first_host_ns || host < first_host_ns + CALIBRATION_NS || tsc <= first_tsc)
        return 0;
    uint64_t ticks = tsc - first_tsc, ns = host - first_host_ns;
    for (; ticks >> 43; ticks >>= 1) // so that the product fits; precision is left in plenty
        ns >>= 1;
    return ns ? mult_of_khz(ticks * 1000000ul / ns) : 0;
}

// Compares with the host. Ahead of us: we jump to it. Behind us: we run 1/1024 slower until the next look.
static void resync(void)
{
    uint64_t real = host_clock_ns(CLOCK_REALTIME), mono = host_clock_ns(CLOCK_MONOTONIC);
    uint64_t tsc = rdtsc(), ours = 0;
    bool stale = false;
    if (!mono || !real)
        return;
    if (!first_host_ns)
        first_tsc = tsc, first_host_ns = mono;
    uint64_t mult = calibrate(tsc, mono);
    if (!mult && boot_get()->tsc_khz)
        mult = mult_of_khz(boot_get()->tsc_khz);
    bool running = read_page(&ours, &stale);
    if (!running)
        ours = __atomic_load_n(&last_without_tsc, __ATOMIC_RELAXED);
    if (running && !mult)
        mult = shared.page.mult;
    if (ours > mono) {
        real -= mono;
        mono = ours;
        mult -= mult >> 10;
    } else {
        real -= mono;
    }
    publish(tsc, mono, mult, real);
    vdso_refresh();
}

// Only one thread at a time looks; the others go on with what they have.
static void resync_if_free(void)
{
    uint32_t expected = 0;
    if (!__atomic_compare_exchange_n(&sync_lock.value, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    resync();
    mutex_unlock(&sync_lock);
}

static uint64_t monotonic_without_tsc(void)
{
    if (tsc_is_invariant)
        resync_if_free(); // until the counter's rate is known
    uint64_t now = host_clock_ns(CLOCK_MONOTONIC);
    uint64_t last = __atomic_load_n(&last_without_tsc, __ATOMIC_RELAXED);
    while (last < now &&
           !__atomic_compare_exchange_n(&last_without_tsc, &last, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    return last < now ? now : last;
}

uint64_t clock_monotonic_ns(void)
{
    uint64_t now;
    bool stale;
    if (!read_page(&now, &stale))
        return monotonic_without_tsc();
    if (__builtin_expect(stale, 0)) {
        resync_if_free();
        if (!read_page(&now, &stale))
            return monotonic_without_tsc();
    }
    return now;
}

uint64_t clock_realtime_ns(void)
{
    uint64_t mono = clock_monotonic_ns();
    return mono + __atomic_load_n(&shared.page.real_offset_ns, __ATOMIC_RELAXED);
}

// TSC and first reading only; the rate comes from the host's boot information or, later, from a second reading.
void time_boot(void)
{
    uint32_t r[4];
    target_cpuid(CPUID_POWER, 0, r);
    tsc_is_invariant = (r[3] & CPUID_INVARIANT_TSC) || boot_get()->tsc_khz;
    mutex_lock(&sync_lock);
    if (tsc_is_invariant) {
        resync();
    } else {
        uint64_t mono = host_clock_ns(CLOCK_MONOTONIC), real = host_clock_ns(CLOCK_REALTIME);
        publish(0, 0, 0, real - mono);
    }
    mutex_unlock(&sync_lock);
}

const void *vdso_clock_page(void)
{
    return &shared;
}
