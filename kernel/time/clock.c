// SPDX-License-Identifier: MIT
//
// The kernel's clock: the processor's time stamp counter, set by the host's clock and compared with it now and then.
//
// Time is a chain of segments, straight lines from the counter to nanoseconds, and each is good for one stretch of
// the counter only. The next begins where the last has ended, never below it. So it does not matter who still has an
// old segment (each address space has its own copy for the vDSO): whoever is within its stretch reads the same time
// as everybody, and whoever is past its end comes here. An error against the host's clock is made good by the slope
// of the next segment, or by a jump ahead.
//
// What a hostile host can try here, and the answer:
// - name a wrong TSC frequency or set the clock as it likes: time is untrusted by contract. Rates outside a sane range are
//   not used.
// - turn the clock back: the monotonic clock never goes back; when the host is behind, ours runs a little slower.
// - answer a clock reading with nonsense (nanoseconds above 10^9, negative seconds): the reading is discarded, the clock runs on.
#include "kernel/time/time.h"

#include <stdbool.h>

#include <linux/time.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/sync/sync.h"
#include "kernel/time/clock_page.h"
#include "kernel/time/host_clock.h"

#define SEGMENT_NS (4 * NS_PER_S)
#define SHORT_SEGMENT_NS 50000000ul // the first, while the rate is known from a few milliseconds
#define SLOWEST 1024ul              // a segment loses at most this part of its length
#define CALIBRATION_NS 5000000ul // an own rate is trusted after this long
#define STILL_TICKS 8192ul      // a few microseconds, for which a time without a rate stands still: boot asks 200 times in a row
#define MIN_KHZ 100000ul
#define MAX_KHZ 20000000ul
#define CPUID_POWER 0x80000007u
#define CPUID_INVARIANT_TSC 0x100u

static struct clock_page current; // under its own sequence lock

static struct mutex sync_lock;
/* guarded by sync_lock: */
static uint64_t first_tsc, first_host_ns; // for calibration without a known frequency
static bool tsc_is_invariant;             // set once at boot
static uint64_t last_without_tsc;         // greatest time given out while there is no usable TSC; atomic
static uint64_t last_read_tsc;            // the counter when it was read, or a little later; atomic

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

void clock_page_read(struct clock_page *ret)
{
    const struct clock_page *p = &current;
    for (;;) {
        uint32_t seq = __atomic_load_n(&p->seq, __ATOMIC_ACQUIRE);
        *ret = *(const volatile struct clock_page *)p;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (!(seq & 1) && __atomic_load_n(&p->seq, __ATOMIC_RELAXED) == seq)
            return;
    }
}

// The time by the current segment; past its end (*ret_ended) it stands still. false: there is none.
static bool read_segment(uint64_t *ret_now, bool *ret_ended)
{
    struct clock_page p;
    clock_page_read(&p);
    if (!p.mult)
        return false;
    uint64_t delta = rdtsc() - p.tsc_base;
    if ((int64_t)delta < 0) // another processor's counter, a hair behind
        delta = 0;
    *ret_ended = delta >= p.tsc_limit;
    *ret_now = p.mono_base_ns + scale(*ret_ended ? p.tsc_limit : delta, p.mult);
    return true;
}

static void publish(const struct clock_page *segment)
{
    struct clock_page *p = &current;
    uint32_t seq = p->seq;
    __atomic_store_n(&p->seq, seq + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    *p = *segment;
    p->seq = seq + 1; // still
    __atomic_store_n(&p->seq, seq + 2, __ATOMIC_RELEASE);
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

// How long the next segment may be: a rate seen for a short time is not followed for a long one.
static uint64_t segment_length(uint64_t host)
{
    uint64_t known_for = host > first_host_ns ? host - first_host_ns : 0;
    uint64_t length = known_for > SEGMENT_NS / 8 ? SEGMENT_NS : known_for * 8;
    return length < SHORT_SEGMENT_NS ? SHORT_SEGMENT_NS : length;
}

// Takes back what we are ahead of the host over the length of the segment, as far as the slowest rate does.
static uint64_t slowed(uint64_t mult, uint64_t ahead, uint64_t length)
{
    if (ahead > length / SLOWEST)
        ahead = length / SLOWEST;
    return mult - mult * ahead / length; // below 2^36 and 2^22
}

// The least time that the next segment may begin with: the end of this one, or what was given out without any.
static uint64_t given_out(const struct clock_page *p)
{
    return p->mult ? p->mono_base_ns + scale(p->tsc_limit, p->mult) : __atomic_load_n(&last_without_tsc, __ATOMIC_RELAXED);
}

// Begins the next segment. The counter is read before the host's clock, so ours is a little ahead rather than behind:
// then nobody who has just read the host's clock himself has seen a later time.
static void next_segment(void)
{
    struct clock_page p;
    clock_page_read(&p);
    uint64_t tsc = rdtsc();
    uint64_t mono = host_clock_ns(CLOCK_MONOTONIC), real = host_clock_ns(CLOCK_REALTIME);
    uint64_t least = given_out(&p);
    if (!mono || !real) { // on as before
        mono = least;
        real = least + p.real_offset_ns;
    }
    if (!first_host_ns) {
        first_tsc = tsc;
        __atomic_store_n(&first_host_ns, mono, __ATOMIC_RELAXED);
    }
    uint64_t mult = calibrate(tsc, mono), length = segment_length(mono);
    if (!mult)
        mult = boot_get()->tsc_khz ? mult_of_khz(boot_get()->tsc_khz) : p.mult;
    p.real_offset_ns = real - mono;
    p.tsc_base = tsc;
    p.mono_base_ns = mono > least ? mono : least;
    p.mult = mult ? slowed(mult, p.mono_base_ns - mono, length) : 0;
    p.tsc_limit = mult ? (length << CLOCK_PAGE_SHIFT) / p.mult : 0; // 4 s << 32 fits 64 bits
    publish(&p);
}

// Only one thread at a time looks; for the others time stands still meanwhile.
static void next_segment_if_free(void)
{
    uint32_t expected = 0;
    uint64_t now;
    bool ended = true;
    if (!__atomic_compare_exchange_n(&sync_lock.value, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    if (!read_segment(&now, &ended) || ended) // nobody was faster
        next_segment();
    mutex_unlock(&sync_lock);
}

static uint64_t monotonic_without_tsc(void)
{
    bool ended;
    uint64_t now = host_clock_ns(CLOCK_MONOTONIC), segment;
    uint64_t last = __atomic_load_n(&last_without_tsc, __ATOMIC_RELAXED);
    while (last < now &&
           !__atomic_compare_exchange_n(&last_without_tsc, &last, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    __atomic_store_n(&last_read_tsc, rdtsc(), __ATOMIC_RELEASE);
    if (read_segment(&segment, &ended)) // begun meanwhile
        return segment;
    return last < now ? now : last;
}

// While there is no segment, the host's clock is read, and once more when that has told for long enough how fast the counter is.
static uint64_t before_first_segment(void)
{
    if (tsc_is_invariant && rdtsc() - __atomic_load_n(&last_read_tsc, __ATOMIC_ACQUIRE) < STILL_TICKS)
        return __atomic_load_n(&last_without_tsc, __ATOMIC_RELAXED);
    uint64_t now = monotonic_without_tsc(), begin = __atomic_load_n(&first_host_ns, __ATOMIC_RELAXED);
    if (tsc_is_invariant && (!begin || now >= begin + CALIBRATION_NS))
        next_segment_if_free();
    return now;
}

uint64_t clock_monotonic_ns(void)
{
    uint64_t now;
    bool ended = false;
    if (!read_segment(&now, &ended))
        return before_first_segment();
    if (__builtin_expect(ended, 0)) {
        next_segment_if_free();
        (void)read_segment(&now, &ended);
    }
    return now;
}

uint64_t clock_realtime_ns(void)
{
    uint64_t mono = clock_monotonic_ns();
    return mono + __atomic_load_n(&current.real_offset_ns, __ATOMIC_RELAXED);
}

// To read the counter takes as long as to read a file's first bytes.
uint64_t clock_realtime_lately_ns(void)
{
    const uint64_t mono = __atomic_load_n(&current.mono_base_ns, __ATOMIC_RELAXED); // no segment began later
    return mono ? mono + __atomic_load_n(&current.real_offset_ns, __ATOMIC_RELAXED) : clock_realtime_ns();
}

// TSC and first reading only; the rate comes from the host's boot information or, later, from a second reading.
void time_boot(void)
{
    uint32_t r[4];
    target_cpuid(CPUID_POWER, 0, r);
    tsc_is_invariant = (r[3] & CPUID_INVARIANT_TSC) || boot_get()->tsc_khz;
    mutex_lock(&sync_lock);
    if (tsc_is_invariant) {
        next_segment();
    } else {
        uint64_t mono = host_clock_ns(CLOCK_MONOTONIC), real = host_clock_ns(CLOCK_REALTIME);
        publish(&(struct clock_page){.real_offset_ns = real - mono});
    }
    mutex_unlock(&sync_lock);
}
