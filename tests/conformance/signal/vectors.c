// SPDX-License-Identifier: MIT
//
// A handler begins with floating point and vector registers as a program does, whatever it interrupts, which has its own back afterwards.
#include "conform.h"

#include <immintrin.h>

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

__attribute__((target("avx"))) static void avx(void)
{
    struct state after;
    uint64_t ymm[4] = {0, 0, 3, 4};
    __asm__ volatile("vmovdqu %0, %%ymm9" ::"m"(ymm));
    send(&after);
    __asm__ volatile("vmovdqu %%ymm9, %0\n\tvzeroupper" : "=m"(ymm));
    show("in the handler", &in_handler);
    IS(ymm[2] == 3 && ymm[3] == 4);
}

__attribute__((target("avx512f"))) static void avx512(void)
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

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGUSR1, handler);
    control_of_sse();
    x87();
    control_of_sse(); // after the other
    if (__builtin_cpu_supports("avx"))
        avx();
    if (__builtin_cpu_supports("avx512f"))
        avx512();
    printf("%d signals\n", (int)handled);
    return 0;
}
