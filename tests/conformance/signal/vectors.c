// SPDX-License-Identifier: MIT
//
// A handler begins with floating point and vector registers as a program does, whatever it interrupts, which has its own back afterwards.
// The frame says how much of them it holds.
#include "conform.h"

#include <cpuid.h>
#include <ucontext.h>

struct state {
    uint32_t mxcsr;
    uint16_t control, status, tags;
    uint64_t xmm[16][2];
};

static struct state in_handler;
static volatile sig_atomic_t handled;

// Without a call in between, which could use the registers.
#define STATE(s)                                                                                             \
    do {                                                                                                     \
        uint32_t environment[7];                                                                             \
        __asm__ volatile("stmxcsr %0\n\tfnstenv %1\n\tfldenv %1" : "=m"((s)->mxcsr), "+m"(environment));        \
        __asm__ volatile("movdqu %%xmm0, (%0)\n\tmovdqu %%xmm7, 0x70(%0)\n\tmovdqu %%xmm15, 0xf0(%0)" ::"r"((s)->xmm) : "memory"); \
        (s)->control = (uint16_t)environment[0], (s)->status = (uint16_t)environment[1], (s)->tags = (uint16_t)environment[2]; \
    } while (0)

static void handler(int sig)
{
    STATE(&in_handler);
    // What it leaves behind is nobody's.
    const uint32_t mxcsr = 0x1f80 | 0x2000;
    __asm__ volatile("ldmxcsr %0\n\tpcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm7, %%xmm7\n\tpcmpeqd %%xmm15, %%xmm15\n\tfld1" ::"m"(mxcsr)
                     : "xmm0", "xmm7", "xmm15");
    handled++;
}

static void show(const char *what, const struct state *s)
{
    printf("%s: mxcsr %x, control %x, status %x, tags %x, registers %lx %lx %lx %lx %lx %lx\n", what, s->mxcsr, s->control, s->status,
           s->tags, s->xmm[0][0], s->xmm[0][1], s->xmm[7][0], s->xmm[7][1], s->xmm[15][0], s->xmm[15][1]);
}

// tgkill without a function around it, with registers that were set before.
static void send(struct state *after)
{
    static const uint64_t full[2] = {0x1111, 0x2222};
    long result = SYS_tgkill;
    const long pid = getpid(), tid = syscall(SYS_gettid);
    __asm__ volatile("movdqu %[full], %%xmm0\n\tmovdqu %[full], %%xmm7\n\tmovdqu %[full], %%xmm15\n\tsyscall"
                     : "+a"(result)
                     : "D"(pid), "S"(tid), "d"((long)SIGUSR1), [full] "m"(full)
                     : "rcx", "r11", "memory", "xmm0", "xmm7", "xmm15");
    STATE(after);
    NEED(result == 0);
}

// Rounding, exceptions that are flagged, denormals that are flushed.
static void control_of_sse(void)
{
    struct state after;
    const uint32_t mxcsr = 0x1f80 | 0x8000 | 0x6000 | 0x21, initial = 0x1f80;
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
    send(&after);
    __asm__ volatile("ldmxcsr %0" ::"m"(initial));
    show("in the handler", &in_handler);
    show("after it", &after);
}

// All eight registers in use: there is room for none of the handler's.
static void x87(void)
{
    struct state after;
    const uint16_t control = 0x0f7f;
    long double last;
    __asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfldpi" ::"m"(control));
    send(&after);
    __asm__ volatile("fstpt %0\n\tfninit" : "=m"(last));
    show("in the handler", &in_handler);
    show("after it", &after);
    IS(last == 3.14159265358979323846264338327950288L);
}

static void avx(void)
{
    struct state after;
    uint64_t ymm[4] = {0, 0, 3, 4};
    __asm__ volatile("vmovdqu %0, %%ymm9" ::"m"(ymm));
    send(&after);
    __asm__ volatile("vmovdqu %%ymm9, %0\n\tvzeroupper" : "=m"(ymm));
    show("in the handler", &in_handler);
    IS(ymm[2] == 3 && ymm[3] == 4);
}

static void avx512(void)
{
    struct state after;
    uint64_t low[8] = {1, 2, 3, 4, 5, 6, 7, 8}, high[8] = {8, 7, 6, 5, 4, 3, 2, 1};
    uint32_t mask = 0x5aa5;
    __asm__ volatile("vmovdqu64 %0, %%zmm9\n\tvmovdqu64 %1, %%zmm25\n\tkmovw %2, %%k5" ::"m"(low), "m"(high), "r"(mask));
    send(&after);
    __asm__ volatile("vmovdqu64 %%zmm9, %0\n\tvmovdqu64 %%zmm25, %1\n\tkmovw %%k5, %2\n\tvzeroupper" : "=m"(low), "=m"(high), "=r"(mask));
    show("in the handler", &in_handler);
    bool same = mask == 0x5aa5;
    for (uint64_t i = 0; i < 8; i++)
        same = same && low[i] == i + 1 && high[i] == 8 - i;
    IS(same);
}

// What the frame says at the end of its FXSAVE image (<asm/sigcontext.h>).
struct software_bytes {
    uint32_t magic1, extended_size;
    uint64_t features;
    uint32_t xstate_size;
};

static struct software_bytes said;
static uint32_t behind;
static uint64_t present;

static void look(int sig, siginfo_t *info, void *context)
{
    const uint8_t *state = (const uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;
    memcpy(&said, state + 464, sizeof(said));
    memcpy(&present, state + 512, sizeof(present));
    if (said.magic1 == 0x46505853 && said.extended_size < 0x10000)
        memcpy(&behind, state + said.extended_size - sizeof(behind), sizeof(behind));
}

// As CPUID tells where the last of these components ends.
static unsigned size_of(uint64_t features)
{
    unsigned size = 576, a, b, c, d;
    for (unsigned i = 2; i < 63; i++) {
        if (!(features >> i & 1))
            continue;
        __cpuid_count(0xd, i, a, b, c, d);
        size = a + b > size ? a + b : size;
    }
    return size;
}

static void frame(void)
{
    const struct sigaction act = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR2, &act, NULL);
    raise(SIGUSR2);
    IS(said.magic1 == 0x46505853);
    IS(behind == 0x46505845);
    IS(said.extended_size == said.xstate_size + 4);
    IS(said.xstate_size == size_of(said.features));
    IS((present & 3) == 3 && !(present & ~said.features));
}

static uint64_t kept;    // components that stay in the frame
static bool changed_too; // and zmm25 gets another value there

static void change(int sig, siginfo_t *info, void *context)
{
    uint8_t *state = (uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;
    unsigned a, upper_registers, c, d;
    memcpy(&present, state + 512, sizeof(present));
    present &= kept;
    memcpy(state + 512, &present, sizeof(present));
    __cpuid_count(0xd, 7, a, upper_registers, c, d);
    if (changed_too)
        memset(state + upper_registers + 64 * 9, 0x77, 64);
}

// A component that the frame does not have any more is initial afterwards.
static void changed_frames(void)
{
    static const uint64_t some[] = {~0ul, ~4ul, ~0x20ul, ~0x40ul, ~0x80ul, ~0xa0ul, ~0xe4ul, ~1ul, ~2ul};
    const struct sigaction act = {.sa_sigaction = change, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &act, NULL);
    for (unsigned i = 0; i < 2 * sizeof(some) / sizeof(some[0]); i++) {
        struct state after;
        uint64_t low[8] = {1, 2, 3, 4, 5, 6, 7, 8}, high[8] = {8, 7, 6, 5, 4, 3, 2, 1};
        uint32_t mask = 0x5aa5;
        kept = some[i / 2];
        changed_too = i % 2;
        if (i % 4 < 2)
            __asm__ volatile("vmovdqu64 %0, %%zmm9" ::"m"(low));
        else
            __asm__ volatile("vzeroupper\n\tvmovdqu %0, %%xmm9" ::"m"(low));
        __asm__ volatile("vmovdqu64 %0, %%zmm25\n\tkmovw %1, %%k5" ::"m"(high), "r"(mask));
        send(&after);
        __asm__ volatile("vmovdqu64 %%zmm9, %0\n\tvmovdqu64 %%zmm25, %1\n\tkmovw %%k5, %2\n\tvzeroupper"
                         : "=m"(low), "=m"(high), "=r"(mask));
        printf("kept %lx: zmm9 %lx %lx %lx zmm25 %lx %lx k5 %x xmm7 %lx\n", kept, low[0], low[2], low[7], high[0], high[7], mask,
               after.xmm[7][0]);
    }
}

int main(int argc, char **argv)
{
    begin(argv);
    frame();
    signal(SIGUSR1, handler);
    control_of_sse();
    x87();
    control_of_sse(); // after the other
    if (__builtin_cpu_supports("avx"))
        avx();
    if (__builtin_cpu_supports("avx512f"))
        avx512();
    if (__builtin_cpu_supports("avx512f"))
        changed_frames();
    printf("%d signals\n", (int)handled);
    return 0;
}
