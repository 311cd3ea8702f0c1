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
#define XSTATE_X87_SSE 3ul
#define MXCSR_OFFSET 24u
#define MXCSR_VALID 0xffffu
#define MXCSR_INITIAL 0x1f80u
#define CPUID_XSTATE 0xdu

uint64_t xstate_features(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low & XFEATURES_OFFERED;
}

// Bytes of an area in the standard format: where the last component ends, as CPUID tells.
static uint64_t size_of(uint64_t features)
{
    uint64_t size = LEGACY_SIZE + HEADER_SIZE;
    for (uint32_t i = 2; features >> i; i++) {
        uint32_t r[4]; // length, offset, and flags
        target_cpuid(CPUID_XSTATE, i, r);
        const uint64_t end = (uint64_t)r[0] + r[1];
        if ((features >> i & 1) && end > size)
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
