// SPDX-License-Identifier: MIT
//
// XSAVE areas for signal frames and for programs that run in between (helpers). SDM vol. 1, chapter 13.
//
// What a hostile host can try here, and the answer: understate the size of the vector state (in an enclave CPUID comes from the host).
// Areas are as large as any processor's state, whatever it says; signal frames then hold less, which harms the program that the host could
// as well not run.
#include "kernel/task/xstate.h"

#include <stddef.h>

#include "abi/target.h"
#include "abi/xfeatures.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"

#define ALIGNMENT 64u
#define LEGACY_SIZE 512u
#define HEADER_SIZE 64u
#define XSTATE_X87 1ul
#define XSTATE_X87_SSE 3ul
#define XSTATE_AVX 4ul
#define XSTATE_AVX512 0xe0ul
#define MXCSR_OFFSET 24u
#define MXCSR_VALID 0xffffu
#define MXCSR_INITIAL 0x1f80u
#define CPUID_XSTATE 0xdu

static uint64_t features_of_processor(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low & XFEATURES_OFFERED;
}

uint64_t xstate_features(void)
{
    static uint64_t features; // XCR0 stays as it is; to read it takes as long as a short system call
    uint64_t f = __atomic_load_n(&features, __ATOMIC_RELAXED);
    if (!f) {
        f = features_of_processor();
        __atomic_store_n(&features, f, __ATOMIC_RELAXED);
    }
    return f;
}

// Bytes of an area in the standard format: where the last component ends, as CPUID tells, of which not every target knows all at hand.
static uint64_t size_of(uint64_t features)
{
    uint64_t size = LEGACY_SIZE + HEADER_SIZE;
    for (uint32_t i = 2; features >> i; i++) {
        uint32_t r[4] = {0}; // length, offset, and flags
        if (features >> i & 1)
            target_cpuid_any(CPUID_XSTATE, i, r);
        const uint64_t end = (uint64_t)r[0] + r[1];
        if (end > size)
            size = end;
    }
    return size > XSTATE_LARGEST ? XSTATE_LARGEST : size;
}

uint64_t xstate_size(void)
{
    static uint64_t size; // the same whoever finds it out
    uint64_t s = __atomic_load_n(&size, __ATOMIC_RELAXED);
    if (!s) {
        s = size_of(xstate_features());
        __atomic_store_n(&size, s, __ATOMIC_RELAXED);
    }
    return s;
}

uint8_t *xstate_buffer(struct thread *t)
{
    if (!t->xstate)
        t->xstate = kzalloc(XSTATE_LARGEST + ALIGNMENT);
    return t->xstate ? (uint8_t *)(((uint64_t)t->xstate + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1)) : NULL;
}

void xstate_save(uint8_t *area)
{
    uint64_t mask = xstate_features();
    memset(area + LEGACY_SIZE, 0, HEADER_SIZE); // XSAVE leaves its reserved bytes as they were
    __asm__ volatile("xsave64 (%0)" ::"r"(area), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32)) : "memory");
}

void xstate_restore(const uint8_t *area)
{
    uint64_t mask = xstate_features();
    __asm__ volatile("xrstor64 (%0)" ::"r"(area), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32)) : "memory");
}

void xstate_sanitize(uint8_t *area)
{
    uint32_t mxcsr;
    memcpy(&mxcsr, area + MXCSR_OFFSET, sizeof(mxcsr));
    mxcsr &= MXCSR_VALID;
    memcpy(area + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
    const uint64_t features = XSTATE_X87_SSE;
    memset(area + LEGACY_SIZE, 0, HEADER_SIZE); // no compaction, reserved bytes zero
    memcpy(area + LEGACY_SIZE, &features, sizeof(features));
}

#define CLEAR_XMM(n) "pxor %%xmm" #n ", %%xmm" #n "\n\t"
#define CLEAR_ZMM(n) "vpxord %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n\t"
#define CLEAR_MASK(n) "kxorw %%k" #n ", %%k" #n ", %%k" #n "\n\t"
#define TIMES_8(m, a, b, c, d, e, f, g, h) m(a) m(b) m(c) m(d) m(e) m(f) m(g) m(h)

static void clear_xmm(void)
{
    __asm__ volatile(TIMES_8(CLEAR_XMM, 0, 1, 2, 3, 4, 5, 6, 7) TIMES_8(CLEAR_XMM, 8, 9, 10, 11, 12, 13, 14, 15)::);
}

// What vzeroall leaves: the masks and the upper registers.
static void clear_avx512(void)
{
    __asm__ volatile(TIMES_8(CLEAR_MASK, 0, 1, 2, 3, 4, 5, 6, 7) TIMES_8(CLEAR_ZMM, 16, 17, 18, 19, 20, 21, 22, 23)
                         TIMES_8(CLEAR_ZMM, 24, 25, 26, 27, 28, 29, 30, 31)::);
}

void xstate_control_get(uint32_t *ret_mxcsr, uint16_t *ret_x87)
{
    __asm__ volatile("stmxcsr %0" : "=m"(*ret_mxcsr));
    __asm__ volatile("fnstcw %0" : "=m"(*ret_x87));
}

void xstate_control_set(uint32_t mxcsr, uint16_t x87)
{
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
    __asm__ volatile("fldcw %0" ::"m"(x87));
}

void xstate_begin_handler(uint64_t used)
{
    uint32_t mxcsr;
    if (used & XSTATE_X87) {
        xstate_reset();
        return;
    }
    // Here XRSTOR would take as long as all the rest of a signal does. The other components are there if they were used.
    if (used & (XSTATE_AVX | XSTATE_AVX512))
        __asm__ volatile("vzeroall");
    else
        clear_xmm();
    if (used & XSTATE_AVX512)
        clear_avx512();
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    if (mxcsr == MXCSR_INITIAL)
        return;
    mxcsr = MXCSR_INITIAL;
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
}

void xstate_reset(void)
{
    // No feature present: XRSTOR gives all of them their initial values. It may still touch the whole area (seen on real
    // processors), so the image is as large as any.
    static const struct {
        uint8_t x87[MXCSR_OFFSET];
        uint32_t mxcsr;
        uint8_t rest[XSTATE_LARGEST - MXCSR_OFFSET - sizeof(uint32_t)];
    } initial __attribute__((aligned(ALIGNMENT))) = {.mxcsr = MXCSR_INITIAL};
    xstate_restore((const uint8_t *)&initial);
}
