// SPDX-License-Identifier: MIT
//
// The vector state of a signal frame on its way back. XRSTOR alone takes a third of the time of a signal, so where it would load x87 and
// SSE, and what AVX-512 added if that is in use at all, FXRSTOR and a few loads do the same in half of it. Programs of glibc on a processor
// with AVX-512 are that case, as its string functions use those registers; XRSTOR does the rest, and decides about headers that are not
// as XSAVE makes them.
//
// What a hostile host can try here, and the answer: say that components stand elsewhere in the area than they do (in an enclave CPUID comes
// from the host). It is believed only if XSAVE puts them there.
#include <linux/errno.h>

#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/task/task.h"
#include "kernel/task/xstate.h"

#define LEGACY 3ul   // x87 and SSE
#define AVX 4ul      // upper halves of ymm0 to ymm15
#define UPPER 0xa0ul // masks, zmm16 to zmm31
#define ALIGNMENT 64u
enum { CPUID_FEATURES = 7, AVX512BW = 1 << 30, CPUID_XSTATE = 0xd, XGETBV_OF_IN_USE = 1 << 2, MASKS = 5, REGISTERS = 7 };

long user_load_upper_raw(const void *masks, const void *registers); // kernel/mm/user_copy.S

struct header {
    uint64_t present, reserved[7];
};

// Where XSAVE puts the upper components.
struct upper {
    uint32_t masks, registers;
};

static uint64_t in_use(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
    return low;
}

static struct upper said_upper(void)
{
    uint32_t masks[4], registers[4];
    target_cpuid_any(CPUID_XSTATE, MASKS, masks);
    target_cpuid_any(CPUID_XSTATE, REGISTERS, registers);
    return (struct upper){masks[1], registers[1]};
}

static bool has_instructions(void)
{
    uint32_t features[4], xstate[4];
    target_cpuid_any(CPUID_FEATURES, 0, features);
    target_cpuid_any(CPUID_XSTATE, 1, xstate);
    return (features[1] & AVX512BW) && (xstate[0] & XGETBV_OF_IN_USE);
}

// Loads the upper components with what nobody else has, and looks where XSAVE puts it.
static bool is_upper(struct thread *t, const struct upper *u)
{
    uint64_t pattern[(UPPER_MASKS_SIZE + UPPER_REGISTERS_SIZE) / sizeof(uint64_t)];
    const uint8_t *registers = (const uint8_t *)pattern + UPPER_MASKS_SIZE;
    uint8_t *area = xstate_buffer(t);
    if (!area || u->masks > XSTATE_LARGEST - UPPER_MASKS_SIZE || u->registers > XSTATE_LARGEST - UPPER_REGISTERS_SIZE)
        return false;
    for (unsigned i = 0; i < sizeof(pattern) / sizeof(*pattern); i++)
        pattern[i] = 0x9e3779b97f4a7c15ul * (i + 1);
    (void)user_load_upper_raw(pattern, registers); // which is the kernel's own memory here
    xstate_save(area);
    return !memcmp(area + u->masks, pattern, UPPER_MASKS_SIZE) && !memcmp(area + u->registers, registers, UPPER_REGISTERS_SIZE);
}

// NULL: XRSTOR has to do it.
static const struct upper *find_upper(struct thread *t)
{
    enum { UNKNOWN, FOUND, NOT_FOUND };
    static struct upper upper; // the same whoever finds it out
    static int state;
    int s = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
    if (s == UNKNOWN) {
        const struct upper u = said_upper();
        s = has_instructions() && is_upper(t, &u) ? FOUND : NOT_FOUND;
        if (s == FOUND) {
            __atomic_store_n(&upper.masks, u.masks, __ATOMIC_RELAXED);
            __atomic_store_n(&upper.registers, u.registers, __ATOMIC_RELAXED);
        }
        __atomic_store_n(&state, s, __ATOMIC_RELEASE);
    }
    return s == FOUND ? &upper : NULL;
}

// The legacy components, and of the others all of the upper ones or none.
static bool is_usual(const struct header *h, uint64_t features)
{
    uint64_t reserved = 0;
    for (unsigned i = 0; i < sizeof(h->reserved) / sizeof(*h->reserved); i++)
        reserved |= h->reserved[i];
    return !reserved && (h->present == LEGACY || h->present == (LEGACY | UPPER)) && !(h->present & ~features);
}

int xstate_from_frame(struct thread *t, const void USER *area)
{
    const uint64_t features = xstate_features(), at = (uint64_t)area;
    const bool has_upper = features & UPPER;
    const struct upper *u = has_upper ? find_upper(t) : NULL;
    struct header h;
    if (GET_USER(h, (const struct header USER *)(at + FXSAVE_SIZE)))
        return -EFAULT;
    const bool upper = h.present & UPPER;
    if (at % ALIGNMENT || !is_usual(&h, features) || (has_upper && (!u || (!upper && (in_use() & UPPER)))))
        return xrstor_from_user(area, xstate_size(), (uint32_t)features);
    if (upper && load_upper_from_user((const void USER *)(at + u->masks), (const void USER *)(at + u->registers)))
        return -EFAULT;
    if (features & AVX)
        __asm__ volatile("vzeroupper"); // and those of AVX-512 above them
    return fxrstor_from_user(area);
}
